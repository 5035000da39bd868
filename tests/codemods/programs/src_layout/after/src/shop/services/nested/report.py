from sqlalchemy import func, select

from shop import User
from shop.db import SessionLocal


def total():
    session = SessionLocal()
    try:
        return session.scalar(select(func.count()).select_from(select(User).where(User.age > 18).subquery()))
    finally:
        session.close()
