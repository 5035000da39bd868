from models import User

registry = {}


def keep(session):
    registry["users"] = session.query(User)  # refuse: query-stored


def show(session):
    query = session.query(User).order_by(User.id)  # refuse: query-as-text
    return str(query).split()[0], query.count()


def maybe(session, wanted):
    query = session.query(User) if wanted else None  # refuse: mixed-value
    return len(list(query or []))
