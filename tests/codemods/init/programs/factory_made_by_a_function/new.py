from db.session import Base, database, get_sync_session
from models import Hero
from sqlalchemy import func, select

Base.metadata.drop_all(database.sync_engine)
Base.metadata.create_all(database.sync_engine)
with get_sync_session() as session:
    session.add(Hero(name="Deadpond"))
    print(session.scalar(select(func.count()).select_from(Hero)), session.autoflush)
with get_sync_session() as session:
    print(session.scalar(select(func.count()).select_from(Hero)))
database.close_all_connections()
