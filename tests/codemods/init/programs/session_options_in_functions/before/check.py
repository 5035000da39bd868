from database import Base, engine, get_db, start
from models import Hero
from sqlalchemy import func, select

Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
for session in get_db():
    session.add(Hero(name="Deadpond"))
    print(session.scalar(select(func.count()).select_from(Hero)), session.autoflush)
    session.commit()
    print(session.scalar(select(func.count()).select_from(Hero)))
with start() as session:
    print(session.autoflush)
engine.dispose()
