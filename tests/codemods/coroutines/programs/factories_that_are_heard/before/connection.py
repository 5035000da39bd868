from sqlalchemy.orm import sessionmaker

from database import engine

Other = sessionmaker(bind=engine)


def get_other():  # stays: sync-session
    with Other() as db:
        yield db
