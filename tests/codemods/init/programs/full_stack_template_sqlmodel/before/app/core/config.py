import os

SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]
