from models import Base, User, engine, session
from views import page


def main():
    Base.metadata.create_all(engine)
    session.add_all([User(name="ed"), User(name="jo")])
    return page(["ed", "jo"])
