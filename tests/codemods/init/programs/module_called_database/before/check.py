from sqlalchemy import text

from app.database import SessionLocal, configure_from_environment

configure_from_environment()
with SessionLocal() as session:
    print(session.execute(text("SELECT 1")).scalar_one())
