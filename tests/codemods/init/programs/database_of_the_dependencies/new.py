from app.db.session import get_sync_session
from sqlalchemy import text

with get_sync_session() as session:
    print(session.scalar(text("SELECT 4")))
