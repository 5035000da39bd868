from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from models import Base, Link, Member, Page, Team


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Team(members=[Member(), Member()]), Team(), Page(links=[Link(), Link()])])
        session.commit()
        return (
            [t.id for t in session.scalars(select(Team).order_by(Team.id)).unique().all()],
            session.scalars(select(Team).filter_by(id=1)).unique().one().id,
            session.scalars(select(Team).order_by(Team.id.desc()).limit(1)).unique().first().id,
            session.scalar(select(func.count()).select_from(select(Team).subquery())),
            session.scalars(select(Page)).unique().one().id,
            session.execute(select(Member.id)).all(),
        )
