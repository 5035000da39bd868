from models import Hero
from db.session import create_db_and_tables, get_sync_session
from sqlmodel import select

create_db_and_tables()
with get_sync_session() as session:
    session.add(Hero(name="Rusty-Man"))
with get_sync_session() as session:
    print(list(session.exec(select(Hero.name))))
