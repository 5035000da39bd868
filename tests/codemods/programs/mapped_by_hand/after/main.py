from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, with_polymorphic

from models import Animal, Base, Batch, Dog, Line, Lorry, Puppy, Vehicle, Wheel, start_mappers


def of(session: Session, sku):
    return session.scalars(select(Batch).filter_by(sku=sku)).unique().one()


def main():
    start_mappers()
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        batch = Batch("lamp")
        batch.lines = [Line(), Line()]
        session.add_all([batch, Batch("chair"), Dog(puppies=[Puppy(), Puppy()]), Animal()])
        session.add_all([Lorry(wheels=[Wheel(), Wheel()]), Vehicle()])
        session.commit()
        whole = with_polymorphic(Vehicle, "*")
        return (
            of(session, "lamp").id,
            [b.sku for b in session.scalars(select(Batch)).unique()],
            [line.id for line in session.scalars(select(Line))],
            [a.id for a in session.scalars(select(Animal)).unique().all()],
            session.scalars(select(Animal).where(Animal.id == 1)).unique().one().kind,
            [v.kind for v in session.scalars(select(whole)).unique().all()],
            [v.kind for v in session.scalars(select(Vehicle)).all()],
        )
