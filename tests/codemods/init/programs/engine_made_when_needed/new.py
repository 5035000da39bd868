import app.connection
from app.db.session import database, get_sync_session
from sqlalchemy import text

print(app.connection._engine)
with get_sync_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one())
print(database.sync_engine is app.connection.get_engine())
