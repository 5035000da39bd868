from sqlalchemy import text

from app.database import SessionLocal

with SessionLocal() as session:
    print(session.execute(text("SELECT 1")).scalar_one())
