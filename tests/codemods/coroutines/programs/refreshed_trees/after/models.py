"""Folders in folders."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Folder(Base):
    __tablename__ = "folders"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    parent_id = Column(ForeignKey("folders.id"))
    parent = relationship("Folder", remote_side=id, back_populates="children")
    children = relationship("Folder", back_populates="parent", order_by="Folder.id")


def seed(session):
    for name, parent in (("root", None), ("left", 1), ("right", 1), ("leaf", 2)):
        session.add(Folder(name=name, parent_id=parent))
        session.flush()
    session.commit()
