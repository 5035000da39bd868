from app.models import Note
from app.storage import current, in_session


@in_session
def add(session, **content):
    session.add(Note(content=content))


@in_session
def remember(session, title):
    session.add(Note(content={"title": title, "a": 1}))
    return session.query(Note).count()


def contents():
    try:
        return [note.content for note in current.query(Note).order_by(Note.id)]
    finally:
        current.remove()
