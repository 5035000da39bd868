from shop.database import ReadSession


def get_reports_db():
    with ReadSession() as db:
        yield db
