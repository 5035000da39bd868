from sqlalchemy.orm import Session

from queries import adults, living_in, paginate


def index(session: Session, page):
    query = adults(session)
    return query.count(), [user.name for user in paginate(query, page)]


def city(session: Session, name):
    return living_in(adults(session), name).all()
