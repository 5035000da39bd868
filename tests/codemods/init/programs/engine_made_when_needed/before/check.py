from app.connection import get_engine, new_session
from sqlalchemy import text

with new_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one())
print(get_engine() is get_engine())
get_engine().dispose()
