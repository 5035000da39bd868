from sqlalchemy import func, select
from sqlalchemy.orm import Session

from queries import adults, living_in, paginate


def index(session: Session, page):
    query = adults(session)
    return session.scalar(select(func.count()).select_from(query.subquery())), [user.name for user in session.scalars(paginate(query, page))]


def city(session: Session, name):
    return session.scalars(living_in(adults(session), name)).unique().all()
