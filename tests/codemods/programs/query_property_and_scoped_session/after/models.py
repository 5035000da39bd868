from sqlalchemy import Column, Integer, String, select

from database import Base


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String(50))

    @classmethod
    def containing(cls, word):
        return select(cls).where(cls.text.contains(word))
