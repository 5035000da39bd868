import os


class Settings:
    SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]


settings = Settings()
