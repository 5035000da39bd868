from shop import User
from shop.db import SessionLocal


def total():
    session = SessionLocal()
    try:
        return session.query(User).filter(User.age > 18).count()
    finally:
        session.close()
