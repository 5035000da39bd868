from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker


class Database:
    def __init__(self, url):
        self.engine = create_engine(url)
        self.sessions = sessionmaker(bind=self.engine)

    def get_db(self):
        session = self.sessions()
        try:
            yield session
        finally:
            session.close()


