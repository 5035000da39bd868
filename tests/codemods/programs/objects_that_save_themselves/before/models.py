from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()
engine = create_engine("sqlite://", poolclass=StaticPool)
session = scoped_session(sessionmaker(engine))


class Saved:
    def save(self):
        session.add(self)
        session.commit()
        return self.id


class Handler(Saved, Base):
    __tablename__ = "handlers"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    options = relationship("Option", lazy="dynamic", backref="handler", order_by="Option.id")

    def __init__(self, name, options=()):
        self.name = name
        self.save()
        for word in options:
            Option(word=word, handler_id=self.id).save()


class Draft(Saved, Base):
    __tablename__ = "drafts"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    options = relationship("Option", lazy="dynamic", backref="draft", order_by="Option.id")

    def __init__(self, name, keep=False):
        self.name = name
        if keep:
            self.save()


class Option(Saved, Base):
    __tablename__ = "options"
    id = Column(Integer, primary_key=True)
    word = Column(String(50))
    handler_id = Column(ForeignKey("handlers.id"))
    draft_id = Column(ForeignKey("drafts.id"))
