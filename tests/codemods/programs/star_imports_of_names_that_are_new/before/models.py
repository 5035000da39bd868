from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()
engine = create_engine("sqlite://", poolclass=StaticPool)
session = sessionmaker(bind=engine)()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))


def purge(name):
    return session.query(User).filter(User.name == name).delete()


def total():
    return session.query(User).count()
