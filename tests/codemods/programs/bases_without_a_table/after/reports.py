from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Admin, Team, User


def team_of(session: Session, name):
    return session.scalar(select(User).join(User.team).where(User.name == name).with_only_columns(Team.name))


def sizes(session: Session):
    return dict(session.execute(select(User).join(Team).group_by(Team.name).with_only_columns(Team.name, func.count(User.id))).all())


def team_of_admin(session: Session):
    return session.query(Admin).join(Admin.team).value(Team.name)  # refuse: value-arguments


def no_left_side(session: Session):
    return session.query(User).join(Team).value(Team.name)  # refuse: value-arguments
