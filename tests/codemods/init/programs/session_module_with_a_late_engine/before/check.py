from sqlalchemy import text

from app.db.session import get_db, get_engine

for db in get_db():
    print(db.execute(text("SELECT 1")).scalar_one(), db.autoflush)
get_engine().dispose()
