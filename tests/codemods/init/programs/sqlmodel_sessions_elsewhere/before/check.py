from database import create_db_and_tables, engine
from dependencies import get_session
from main import create_hero

create_db_and_tables()
for session in get_session():
    print(create_hero("Deadpond", session), type(session).__name__)
engine.dispose()
