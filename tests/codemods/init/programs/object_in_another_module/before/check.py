from sqlalchemy import text

from app.dependencies import get_db

for session in get_db():
    print(session.execute(text("SELECT 1")).scalar_one())
