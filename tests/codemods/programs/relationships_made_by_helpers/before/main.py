from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, Link, Member, Page, Team


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Team(members=[Member(), Member()]), Team(), Page(links=[Link(), Link()])])
        session.commit()
        return (
            [t.id for t in session.query(Team).order_by(Team.id).all()],
            session.query(Team).filter_by(id=1).one().id,
            session.query(Team).order_by(Team.id.desc()).first().id,
            session.query(Team).count(),
            session.query(Page).one().id,
            session.query(Member.id).all(),
        )
