from sqlalchemy import Column, Integer, String, create_engine, delete as sa_delete, func, select as sa_select
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
    return session.execute(sa_delete(User).where(User.name == name)).rowcount


def total():
    return session.scalar(sa_select(func.count()).select_from(sa_select(User).subquery()))
