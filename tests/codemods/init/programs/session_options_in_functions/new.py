from models import Hero
from db.session import database, engine, get_sync_session
from sqlalchemy import func, select

Hero.metadata.drop_all(engine)
Hero.metadata.create_all(engine)
with get_sync_session() as session:
    session.add(Hero(name="Rusty-Man"))
    print(session.scalar(select(func.count()).select_from(Hero)))
print(database.sync_sessions().autoflush)
