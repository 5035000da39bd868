from database import Apart, Base, Noted, Other, SessionLocal, engine, get_db, made, make_factory
from models import Hero
from sqlalchemy import func, select

Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
for session in get_db():
    session.add(Hero(name="Deadpond"))
    print(session.scalar(select(func.count()).select_from(Hero)), session.autoflush)
    session.commit()
for factory in (SessionLocal, Other, Noted, Apart, make_factory(of=engine)):
    with factory() as session:
        same = session.get_bind() is engine
        print(session.autoflush, session.expire_on_commit, same, session.scalar(select(func.count(Hero.id))))
print(made == [engine])
Apart.kw["bind"].dispose()
engine.dispose()
