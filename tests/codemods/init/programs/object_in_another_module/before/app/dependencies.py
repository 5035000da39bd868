import os

from app.database import Database

connection = Database(os.environ["DATABASE_URL"])
get_db = connection.get_db
