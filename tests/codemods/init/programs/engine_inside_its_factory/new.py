from app.database import SessionLocal
from app.db.session import database, get_sync_session
from sqlalchemy import text

with get_sync_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one(), session.autoflush)
print(database.sync_engine is SessionLocal.kw["bind"])
