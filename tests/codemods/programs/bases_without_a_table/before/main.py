from sqlalchemy import create_engine
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

import reports
from models import Admin, Base, Team, User


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        red, blue = Team(name="red"), Team(name="blue")
        session.add_all([User(name="ed", team=red), User(name="jo", team=red), Admin(name="al", team=blue)])
        session.commit()
        return [reports.team_of(session, "jo"), reports.sizes(session), reports.team_of_admin(session), fails(session)]


def fails(session):
    try:
        return reports.no_left_side(session)
    except InvalidRequestError as error:
        return str(error)[:20]
