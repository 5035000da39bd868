from sqlalchemy import delete, func, select

from database import Base, db_session, engine
from models import Note


def main():
    Base.metadata.create_all(engine)
    db_session.add_all([Note(text="one"), Note(text="two"), Note(text="twofold")])
    db_session.commit()
    first = db_session.scalars(select(Note).order_by(Note.id).limit(1)).first()
    found = db_session.scalars(Note.containing("two").order_by(Note.id)).unique().all()
    db_session.execute(delete(Note).where(Note.text == "one"))
    db_session.commit()
    return [first.id, [note.text for note in found], db_session.scalar(select(func.count()).select_from(select(Note).subquery())), db_session.get(Note, 2).text]
