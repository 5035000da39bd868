"""The query class is put beside the options of the sessions for a while; taken away again, they have the default one."""

from sqlalchemy import Column, Integer, create_engine, func, select
from sqlalchemy.orm import Query, Session, declarative_base, sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()
LOADED = []


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)


class Watched(Query):
    def get(self, ident):
        LOADED.append(ident)
        return super().get(ident)


engine = create_engine("sqlite://", poolclass=StaticPool)
Sessions = sessionmaker(engine)


def watch():
    Sessions.kw["query_cls"] = Watched


def leave():
    Sessions.kw.pop("query_cls", None)


def first(session: Session):
    return session.query(Note).get(1).id  # refuse: custom-query-class


def ids(session: Session):
    return [note.id for note in session.scalars(select(Note).order_by(Note.id))], session.scalar(select(func.count()).select_from(select(Note).subquery()))


def main():
    Base.metadata.create_all(engine)
    with Sessions() as session:
        session.add_all([Note(), Note()])
        session.commit()
    watch()
    with Sessions() as session:
        seen = first(session), ids(session)
    leave()
    with Sessions() as session:
        return seen, first(session), ids(session), LOADED
