import app.dependencies
from app.db.session import database, get_sync_session
from sqlalchemy import text

with get_sync_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one())
print(database.sync_engine is app.dependencies.connection.engine)
