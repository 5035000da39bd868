from sqlalchemy import JSON, Column, Integer

from app.storage import Base


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    content = Column(JSON)
