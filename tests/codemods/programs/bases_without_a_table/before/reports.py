from sqlalchemy import func
from sqlalchemy.orm import Session

from models import Admin, Team, User


def team_of(session: Session, name):
    return session.query(User).join(User.team).filter(User.name == name).value(Team.name)


def sizes(session: Session):
    return dict(session.query(User).join(Team).group_by(Team.name).values(Team.name, func.count(User.id)))


def team_of_admin(session: Session):
    return session.query(Admin).join(Admin.team).value(Team.name)  # refuse: value-arguments


def no_left_side(session: Session):
    return session.query(User).join(Team).value(Team.name)  # refuse: value-arguments
