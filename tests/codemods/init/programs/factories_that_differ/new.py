from db.session import get_sync_session
from sqlalchemy import text

with get_sync_session() as session:
    print(session.scalar(text("SELECT 2 + 3")), session.autoflush, session.expire_on_commit)
