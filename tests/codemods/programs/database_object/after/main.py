from sqlalchemy import select

from database import archive, db
from models import Note, Scroll, User


def named(name):
    return db.session.scalars(select(User).filter_by(name=name).limit(1)).unique().first()


def texts():
    return [note.text for note in db.session.scalars(select(Note).order_by(Note.id))]


def users():
    return db.session.scalars(select(User).order_by(User.id)).unique().all()


def second_page():
    return Note.query.order_by(Note.id).page(2)  # refuse: custom-query-class


def scrolls():
    return Scroll.query.count()  # refuse: model-not-proved


def main():
    db.configure("sqlite://")
    archive.configure("sqlite://")
    db.Model.metadata.create_all(db.engine)
    archive.Old.metadata.create_all(archive.archived.get_bind())
    db.session.add(User(name="ada", notes=[Note(text="a"), Note(text="b"), Note(text="c")]))
    db.session.add(User(name="ben"))
    db.session.commit()
    return (
        named("ada").id,
        texts(),
        [(user.name, len(user.notes)) for user in users()],
        [note.text for note in second_page()],
        scrolls(),
    )
