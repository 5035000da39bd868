from sqlalchemy.orm import Session, aliased, joinedload, scoped_session, sessionmaker
from sqlalchemy.exc import NoResultFound

from models import Address, User

current = scoped_session(sessionmaker())
cities = {1: "ny"}


def behind_a_query(session: Session, city):
    """Whatever becomes of it: a query has been run."""
    try:
        session.query(User).filter(User.name == "nobody").one()
    except NoResultFound:
        return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_a_count(session: Session):
    total = session.query(Address).count()
    return total, session.query(Address).filter_by(user=None).count()


def in_a_loop(session: Session):
    return [session.query(Address).filter(Address.user == user).count() for user in session.query(User)]


def in_a_plain_loop(session: Session):
    found = []
    for user in session.query(User).order_by(User.id):
        found.append(session.query(Address).filter(Address.user.has(name=user.name)).count())
    return found


def behind_an_option(session: Session):
    return [u.name for u in session.query(User).options(joinedload(User.addresses).joinedload(Address.user)).order_by(User.id)]


def behind_an_alias(session: Session):
    other = aliased(User)
    return session.query(Address).join(other, Address.user).order_by(other.name).first().city


def behind_a_query_of_only_one_way(session: Session, name=None):
    if name:
        session.query(User).filter(User.name == name).all()
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_an_object_of_only_one_way(session: Session, user: User = None):
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_what_may_have_failed(session: Session, number=0):
    try:
        number = 1 / number
        session.query(User).filter(User.id == number).all()
    except ZeroDivisionError:
        pass
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_an_update(session: Session):
    session.query(User).filter(User.name == "nobody").update({"name": "jo"})
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_what_is_only_said(session: Session):
    joined = session.query(User).join(User.addresses)
    return session.query(Address).filter(Address.user.has(name="ed")).count(), joined.count()


def behind_something_short(session: Session, wanted=False):
    wanted and session.query(User).all()
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_what_waits(session: Session):
    later = lambda: session.query(User).all()
    return session.query(Address).filter(Address.user.has(name="ed")).count(), len(later())


def behind_a_helper(session: Session):
    user = first_of(session, "ed")
    return session.query(Address).filter_by(user=user).count()


def behind_a_helper_that_may_return_before(session: Session):
    user = maybe_first_of(session, None)
    return session.query(Address).filter_by(user=user).count()


def behind_a_helper_of_a_helper(session: Session):
    found = Names.of(session)
    return session.query(Address).filter(Address.user.has(name=found[0])).count()


def behind_a_helper_that_runs_later(session: Session):
    later = names_one_by_one(session)
    return session.query(Address).filter(Address.user.has(name="ed")).count(), len(list(later))


def behind_a_helper_that_keeps_what_it_gave(session: Session):
    cached_names(1)
    return session.query(Address).filter(Address.user.has(name="ed")).count()


def behind_a_get(session: Session):
    current.configure(bind=session.get_bind())
    current.get(User, 3)
    found = current.query(Address).filter(Address.user.has(name="ed")).count()
    current.remove()
    return found


def behind_a_get_of_something_else(session: Session):
    city = cities.get(User, 3)
    return session.query(Address).filter(Address.user.has(name=city)).count()


def in_a_variable(session: Session, name=None):
    query = session.query(Address)
    if name is None:
        query = query.filter(Address.user.has(name="ed"))
    return query.count()


def in_a_function_of_its_own(session: Session):
    return of_ed(session.query(Address)).one().city


def of_ed(query):
    return query.filter(Address.user.has(name="ed"))


def in_a_row(session: Session):
    rows = session.query(User.name, Address).join(User, Address.user).order_by(User.name)
    return [(name, address.city) for name, address in rows]


def in_what_is_selected_instead(session: Session):
    return session.query(Address).with_entities(Address.city).filter(Address.user.has(name="ed")).all()


def in_an_update(session: Session):
    changed = session.query(Address).filter(Address.user.has(name="ed")).update({"city": "sf"}, synchronize_session=False)
    return changed, [address.city for address in session.query(Address).order_by(Address.id)]


def in_a_delete(session: Session):
    return session.query(Address).filter(Address.user == None).delete(), session.query(Address).count()


def in_an_option(session: Session):
    return [a.user.name for a in session.query(Address).options(joinedload(Address.user)).order_by(Address.id)]


def in_another_query(session: Session):
    owned = session.query(Address).filter(Address.user.has(name="ed"))
    return session.query(User).filter(User.id.in_(owned.with_entities(Address.user_id))).one().name


def in_a_query_of_columns(session: Session):
    """Such a query does not configure the mappers."""
    try:
        return session.query(Address.city).filter(Address.user.has(name="ed")).all()  # refuse: backref-first
    except AttributeError:
        return "there is no user yet"


def first_of(session: Session, name):
    found = session.query(User).filter(User.name == name).first()
    if found is None:
        return None
    return found


def maybe_first_of(session: Session, name):
    if name is None:
        return None
    return session.query(User).filter(User.name == name).first()


class Names:
    @classmethod
    def of(cls, session: Session):
        return [first_of(session, "ed").name]


def names_one_by_one(session: Session):
    yield from [user.name for user in session.query(User).all()]


def instead(function):
    return lambda number: number


@instead
def cached_names(number, session: Session = None):
    return [user.name for user in session.query(User).all()]
