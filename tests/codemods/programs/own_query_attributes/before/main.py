from models import Base, Log, Note, User, Visit, engine, session


def seen(visit: Visit):
    return visit.query.count()


def main():
    Base.metadata.create_all(engine)
    session.add_all([User(), User(), User(), Log(), Log(), Visit(), Note()])
    session.commit()
    visit = session.query(Visit).one()
    return User.query.count(), Log.query().count(), seen(visit), Note.query.count()  # refuse: model-not-proved
