from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Team, User


def ids(session: Session):
    return [id for (id,) in session.execute(select(User.id).order_by(User.id)).all()]


def names(session: Session):
    return session.execute(select(User.name, Team.id).join(Team, Team.id == User.team_id).order_by(User.name)).all()


def with_settings(session: Session):
    return session.query(User, Team.settings).join(Team.users).order_by(User.id).all()  # refuse: unhashable-row


def about(session: Session):
    return session.query(User.about).order_by(User.id).first()  # refuse: unknown-elements
