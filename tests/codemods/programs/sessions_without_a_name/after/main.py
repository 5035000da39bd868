from sqlalchemy import func, select

from database import Base, Connection, Session, User, engine, open_session


def fill(*names):
    Base.metadata.create_all(engine)
    with Session() as session:
        session.add_all([User(name=name) for name in names])
        session.commit()


def on_a_branch(name=None):
    session = Session()
    query = select(User)
    if name is not None:
        query = query.where(User.name == name)
    return [user.name for user in session.scalars(query.order_by(User.id)).all()]


def gone_through():
    found = []
    session = Connection().session()
    users = select(User).order_by(User.name)
    for user in session.scalars(users):
        found.append(user.name)
    return found, session.scalar(select(func.count()).select_from(users.subquery()))


def on_several_lines(expire=True):
    # What is asked for.
    session = open_session(expire_on_commit=expire)
    users = (
        select(User)
        .where(User.id > 1)
    )

    def names():
        return [user.name for user in session.scalars(users)]

    return names()


def twice():
    session = Session()
    query = select(User).where(User.id == 1)
    first = session.scalars(query).one().name
    session = Session()
    query = select(User.name).where(User.id == 2)
    return first, session.execute(query).scalar_one_or_none()


def two_at_once():
    session = Session()
    users = select(User)
    db_session = Session()
    others = select(User.name)
    return session.scalar(select(func.count()).select_from(users.subquery())), sorted(name for (name,) in db_session.execute(others))


def in_a_loop(ids):
    found = []
    for number in ids:
        session = Session()
        query = select(User).where(User.id == number)
        found.append(session.scalars(query).one().name)
    return found


def of_the_last_round(ids):
    found, before = [], None
    for number in ids:
        query = Session().query(User)  # refuse: several-sessions
        if before is not None:
            found += [user.name for user in before]
        before = query.filter(User.id == number)
    return found


def let_go():
    query = Session().query(User)  # refuse: session-not-in-scope
    query = query.order_by(User.id).first()
    return query.name


def two_in_one(name):
    query = Session().query(User)  # refuse: several-sessions
    names = query.filter(User.id == 1)
    query = Session().query(User)  # refuse: several-sessions
    return [user.name for user in names.union(query.filter(User.name == name)).all()]


def behind_another(name):
    found = []; query = Session().query(User)  # noqa: E702  # refuse: session-not-in-scope
    query = query.filter(User.name == name)
    for user in query:
        found.append(user.id)
    return found


def all_names_taken(session, db_session, sql_session):
    query = Session().query(User)  # refuse: session-not-in-scope
    return query.count() + len([session, db_session, sql_session])


def handed_out():
    query = Session().query(User)  # refuse: session-not-in-scope
    return query


def commented():
    query = (
        open_session(  # refuse: session-not-in-scope
            autoflush=False,
        )
        .query(User)
    )
    return query.count()


def named_on_the_way():
    query = (session := Session()).query(User)  # refuse: session-not-in-scope
    return query.count(), session.in_transaction()


def chosen(first, second=None):
    session = second or first
    query = select(User)
    return [user.name for user in session.scalars(query)]


def main():
    fill("ed", "jo", "al")
    return [
        on_a_branch(),
        on_a_branch("jo"),
        gone_through(),
        Connection.opened,
        on_several_lines(),
        twice(),
        two_at_once(),
        in_a_loop([3, 1]),
        of_the_last_round([2, 1, 3]),
        let_go(),
        two_in_one("al"),
        behind_another("jo"),
        all_names_taken(1, 2, 3),
        handed_out().count(),
        commented(),
        named_on_the_way(),
        chosen(Session()),
    ]
