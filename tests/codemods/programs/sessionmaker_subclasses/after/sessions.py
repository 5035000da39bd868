from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker


class AuditedSession(Session):
    """A session of our own."""

    def audited(self, model):
        return select(model).order_by(model.id)


class Factory(sessionmaker):
    """A factory of our own."""


def make(engine):
    return Factory(bind=engine, class_=AuditedSession)
