from sqlalchemy import text

from sessions import ReportSession, SessionLocal

for factory in (SessionLocal, ReportSession):
    with factory() as db:
        print(db.scalar(text("SELECT 2 + 3")), db.autoflush)
