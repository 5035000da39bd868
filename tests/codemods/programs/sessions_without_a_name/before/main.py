from database import Base, Connection, Session, User, engine, open_session


def fill(*names):
    Base.metadata.create_all(engine)
    with Session() as session:
        session.add_all([User(name=name) for name in names])
        session.commit()


def on_a_branch(name=None):
    query = Session().query(User)
    if name is not None:
        query = query.filter(User.name == name)
    return [user.name for user in query.order_by(User.id).all()]


def gone_through():
    found = []
    users = Connection().session().query(User).order_by(User.name)
    for user in users:
        found.append(user.name)
    return found, users.count()


def on_several_lines(expire=True):
    # What is asked for.
    users = (
        open_session(
            expire_on_commit=expire,
        )
        .query(User)
        .filter(User.id > 1)
    )

    def names():
        return [user.name for user in users]

    return names()


def twice():
    query = Session().query(User).filter(User.id == 1)
    first = query.one().name
    query = Session().query(User.name).filter(User.id == 2)
    return first, query.scalar()


def two_at_once():
    users = Session().query(User)
    others = Session().query(User.name)
    return users.count(), sorted(name for (name,) in others)


def in_a_loop(ids):
    found = []
    for number in ids:
        query = Session().query(User).filter(User.id == number)
        found.append(query.one().name)
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
    query = (second or first).query(User)
    return [user.name for user in query]


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
