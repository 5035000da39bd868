from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Address, Base, User
from views import cities, homeless, in_city, others, owned, users


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(User.__table__), [{"id": 1, "name": "ed"}, {"id": 2, "name": "jo"}])
        connection.execute(insert(Address.__table__), [{"id": 1, "city": "ny", "user_id": 1}, {"id": 2, "city": "la", "user_id": 2}])
    with Session(engine) as session:
        # The first use of the models in the process is a query: its backref exists by then.
        return [homeless(session), cities(session, "ed"), users(session, "la"), others(session, session.get(User, 1)), in_city(session, "jo"), owned(session, session.get(User, 1))]
