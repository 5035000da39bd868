from sqlalchemy import create_engine
from sqlalchemy.orm import Session, with_polymorphic

from models import Animal, Base, Batch, Dog, Line, Lorry, Puppy, Vehicle, Wheel, start_mappers


def of(session: Session, sku):
    return session.query(Batch).filter_by(sku=sku).one()


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
            [b.sku for b in session.query(Batch)],
            [line.id for line in session.query(Line)],
            [a.id for a in session.query(Animal).all()],
            session.query(Animal).filter(Animal.id == 1).one().kind,
            [v.kind for v in session.query(whole).all()],
            [v.kind for v in session.query(Vehicle).all()],
        )
