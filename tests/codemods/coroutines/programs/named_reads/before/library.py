"""Books on shelves inside of shelves."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Text, func
from sqlalchemy.orm import backref, declarative_base, deferred, relationship

Base = declarative_base()


class Dictionary:
    def to_dict(self):
        return {c.name: str(getattr(self, c.name))[:4] for c in self.__table__.columns}


class Shelf(Dictionary, Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    inside_id = Column(ForeignKey("shelves.id"))
    shelves = relationship("Shelf", backref=backref("inside", remote_side=[id]), order_by="Shelf.id")
    books = relationship("Book", back_populates="shelf", order_by="Book.id")


class Book(Dictionary, Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    text = deferred(Column(Text))
    lent = Column(Integer, nullable=False, default=0)
    read = Column(Integer, nullable=False, default=0)
    changed_at = Column(DateTime(timezone=True), onupdate=func.now())
    shelf_id = Column(ForeignKey("shelves.id"), nullable=False)
    shelf = relationship("Shelf", back_populates="books")


def seed(session):
    hall = Shelf(name="hall")
    top, low = Shelf(name="top", inside=hall), Shelf(name="low", inside=hall)
    session.add_all([top, low])
    session.flush()
    session.add_all([Book(title=f"book {n}", text=f"text {n}", shelf=s) for n, s in ((1, top), (2, low), (3, top))])
    session.commit()
