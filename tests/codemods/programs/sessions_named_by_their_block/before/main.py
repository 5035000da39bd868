from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))


class DBSession:
    """A block with a session: functions say that they take one, and are given what it binds."""

    def __init__(self, maker):
        self.__maker = maker
        self.__session = None

    def __enter__(self):
        self.__session = self.__maker()
        return self.__session

    def __exit__(self, kind, error, trace):
        self.__session.close()


class Reader:
    """Good for more than a block: the annotation may be meant."""

    def __init__(self, words):
        self.words = words

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.words = []

    def query(self, word):
        return [w for w in self.words if w == word]


class Lock:
    def __init__(self, session: DBSession, name: str):
        self.__session = session
        self.name = name

    def holder(self):
        return self.__session.query(User).filter(User.name == self.name).one().id


def names(session: DBSession, model):
    return [user.name for user in session.query(model).order_by(User.id)]


def entered(block: DBSession):
    with block as session:
        return session.query(User.name).all()


def matching(reader: Reader, model):
    return reader.query(model)


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    maker = sessionmaker(engine)
    with DBSession(maker) as session:
        session.add_all([User(name="ed"), User(name="jo")])
        session.commit()
        found = [names(session, User), Lock(session, "jo").holder()]
    with Reader([User, "jo"]) as reader:
        found.append(len(matching(reader, User)))
    return [*found, [tuple(row) for row in entered(DBSession(maker))]]
