from sqlalchemy import func, select

from models import Base, Log, Note, User, Visit, engine, session


def seen(visit: Visit):
    return session.scalar(select(func.count()).select_from(visit.query.subquery()))


def main():
    Base.metadata.create_all(engine)
    session.add_all([User(), User(), User(), Log(), Log(), Visit(), Note()])
    session.commit()
    visit = session.scalars(select(Visit)).one()
    return session.scalar(select(func.count()).select_from(select(User).subquery())), session.scalar(select(func.count()).select_from(Log.query().subquery())), seen(visit), Note.query.count()  # refuse: model-not-proved
