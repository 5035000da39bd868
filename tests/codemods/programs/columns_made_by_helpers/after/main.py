from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import reports
from models import Base, Team, User


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        team = Team(settings={"colour": "red"})
        session.add_all([User(name="ed", about="tall", team=team), User(name="jo", about="small", team=team)])
        session.commit()
        return [
            reports.ids(session),
            [tuple(row) for row in reports.names(session)],
            [settings for _, settings in reports.with_settings(session)],
            reports.about(session)[0],
        ]
