from billing import Invoice, Line, Marks
from sqlalchemy import func, select
from settings import current_app


def invoices(session):
    return session.scalars(select(Invoice).where(Invoice.number != "x")).unique().all()


def first(number):
    return current_app.scoped_session().scalars(select(Invoice).filter_by(number=number)).unique().one()


def total():
    session = current_app.scoped_session()
    session.add(Line())
    return session.scalar(select(func.count()).select_from(select(Line).subquery()))


def marked(session):
    return session.query(Marks).count()  # refuse: session-not-proved


def found(db, text):
    return db.query(Invoice), db.query(text)
