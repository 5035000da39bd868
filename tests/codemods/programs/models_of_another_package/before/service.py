from billing import Invoice, Line, Marks
from settings import current_app


def invoices(session):
    return session.query(Invoice).filter(Invoice.number != "x").all()


def first(number):
    return current_app.scoped_session().query(Invoice).filter_by(number=number).one()


def total():
    session = current_app.scoped_session()
    session.add(Line())
    return session.query(Line).count()


def marked(session):
    return session.query(Marks).count()  # refuse: session-not-proved


def found(db, text):
    return db.query(Invoice), db.query(text)
