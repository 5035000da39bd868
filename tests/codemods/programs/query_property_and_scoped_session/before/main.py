from database import Base, db_session, engine
from models import Note


def main():
    Base.metadata.create_all(engine)
    db_session.add_all([Note(text="one"), Note(text="two"), Note(text="twofold")])
    db_session.commit()
    first = Note.query.order_by(Note.id).first()
    found = Note.containing("two").order_by(Note.id).all()
    Note.query.filter(Note.text == "one").delete()
    db_session.commit()
    return [first.id, [note.text for note in found], db_session.query(Note).count(), Note.query.get(2).text]
