from sqlalchemy import Column, Integer, String, func, select
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Run(Base):
    __tablename__ = "runs"

    id = Column(Integer, primary_key=True)
    name = Column(String(20))

    @classmethod
    def number(cls, session):
        return session.scalar(select(func.count()).select_from(select(cls).subquery()))
