from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine, select

from models import Hero, Team


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Team(name="red", heroes=[Hero(name="ed"), Hero(name="jo")]))
        session.commit()
        names = [hero.name for hero in session.query(Hero).order_by(Hero.id)]
        kept = session.exec(select(Hero).where(Hero.name == "jo")).one().id
        return [names, kept, session.query(Team).join(Team.heroes).filter(Hero.name == "ed").one().name]
