"""People and their documents in folders: a tree, one-to-one, association objects and proxies, hybrids, defaults of both sides."""

import enum

from sqlalchemy import JSON, Column, Enum, ForeignKey, Integer, String, func, select, text
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import column_property, declarative_base, relationship

Base = declarative_base()


class State(str, enum.Enum):
    draft = "draft"
    done = "done"


class Folder(Base):
    __tablename__ = "folders"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), nullable=False)
    parent_id = Column(ForeignKey("folders.id"))
    parent = relationship("Folder", remote_side="Folder.id", back_populates="children")
    children = relationship("Folder", back_populates="parent", order_by="Folder.name", cascade="all, delete-orphan")
    documents = relationship("Document", back_populates="folder", order_by="Document.title.desc()")

    @property
    def path(self):
        return f"{self.parent.path}/{self.name}" if self.parent else self.name

    @property
    def is_leaf(self):
        return not self.children


class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), unique=True, nullable=False)
    visits = Column(Integer, nullable=False, default=0)
    grade = Column(Integer, server_default="3")
    revision = Column(Integer, server_default="1", onupdate=text("revision + 1"))
    stamp = Column(String(20), default="made", onupdate=lambda: "changed")
    card = relationship("Card", back_populates="person", uselist=False, cascade="all, delete-orphan")
    documents = relationship("Document", back_populates="owner", order_by="Document.id", cascade="all, delete-orphan")
    titles = association_proxy("documents", "title")

    @hybrid_property
    def weight(self):
        return self.visits + self.grade

    @property
    def code(self):
        return self.card.code if self.card else None


class Card(Base):
    __tablename__ = "cards"
    id = Column(Integer, primary_key=True)
    code = Column(String(20), nullable=False)
    person_id = Column(ForeignKey("people.id"), unique=True, nullable=False)
    person = relationship("Person", back_populates="card")


class Word(Base):
    __tablename__ = "words"
    id = Column(Integer, primary_key=True)
    text = Column(String(20), unique=True, nullable=False)


class Label(Base):
    __tablename__ = "labels"
    document_id = Column(ForeignKey("documents.id"), primary_key=True)
    word_id = Column(ForeignKey("words.id"), primary_key=True)
    rank = Column(Integer, nullable=False, default=1)
    document = relationship("Document", back_populates="labels")
    word = relationship("Word", lazy="joined")


class Document(Base):
    __tablename__ = "documents"
    id = Column(Integer, primary_key=True)
    title = Column(String(40), nullable=False)
    state = Column(Enum(State), nullable=False, default=State.draft)
    facts = Column(JSON)
    owner_id = Column(ForeignKey("people.id"), nullable=False)
    folder_id = Column(ForeignKey("folders.id"))
    owner = relationship("Person", back_populates="documents")
    folder = relationship("Folder", back_populates="documents")
    labels = relationship(
        "Label", back_populates="document", order_by="Label.rank, Label.word_id", cascade="all, delete-orphan"
    )
    words = association_proxy("labels", "word", creator=lambda word: Label(word=word))

    @property
    def texts(self):
        return [label.word.text for label in self.labels]

    @hybrid_property
    def headline(self):
        return f"{self.title} by {self.owner.name}"


Folder.filed = column_property(
    select(func.count(Document.id)).where(Document.folder_id == Folder.id).correlate_except(Document).scalar_subquery()
)


def seed(session):
    for name, parent in (("root", None), ("left", 1), ("right", 1)):
        session.add(Folder(name=name, parent_id=parent))
        session.flush()
    for name, code in (("ada", "A1"), ("ben", None), ("cleo", "C3")):
        session.add(Person(name=name, card=Card(code=code) if code else None))
        session.flush()
    for word in ("news", "tips"):
        session.add(Word(text=word))
        session.flush()
    for title, owner, folder, state in (("one", 1, 2, "draft"), ("two", 1, 2, "done"), ("three", 3, 3, "draft")):
        session.add(Document(title=title, owner_id=owner, folder_id=folder, state=State(state), facts={"a": 1}))
        session.flush()
    session.add_all([Label(document_id=d, word_id=w, rank=r) for d, w, r in ((1, 1, 1), (2, 1, 2), (2, 2, 1))])
    session.commit()
