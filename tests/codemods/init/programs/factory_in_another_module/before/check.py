from sqlalchemy import text

from sessions import get_db

for db in get_db():
    print(db.scalar(text("SELECT 2 + 3")), db.autoflush, db.expire_on_commit)
