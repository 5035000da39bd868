from session import database, get_sync_session, statements
from sqlalchemy import text

with get_sync_session() as session:
    print(session.execute(text("SELECT 7")).scalar_one())
print(statements, database.settings.pool_size, database.settings.max_overflow)
