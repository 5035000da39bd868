from sqlalchemy import text

from shop.database import database, engine, get_db

for db in get_db():
    print(db.execute(text("SELECT 1")).scalar_one())
print(type(database).__name__, type(engine).__name__)
engine.dispose()
