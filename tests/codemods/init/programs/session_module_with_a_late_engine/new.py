import app.db.session
from app.db.sessions import database, get_sync_session
from sqlalchemy import text

print(app.db.session._engine)
with get_sync_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one(), session.autoflush)
print(database.sync_engine is app.db.session.get_engine())
