from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased, class_mapper, joinedload, scoped_session, sessionmaker
from sqlalchemy.exc import NoResultFound

from models import Address, User

current = scoped_session(sessionmaker())
cities = {1: "ny"}


def behind_a_query(session: Session, city):
    """Whatever becomes of it: a query has been run."""
    try:
        session.scalars(select(User).where(User.name == "nobody")).one()
    except NoResultFound:
        return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_a_count(session: Session):
    total = session.scalar(select(func.count()).select_from(select(Address).subquery()))
    return total, session.scalar(select(func.count()).select_from(select(Address).filter_by(user=None).subquery()))


def in_a_loop(session: Session):
    return [session.scalar(select(func.count()).select_from(select(Address).where(Address.user == user).subquery())) for user in session.scalars(select(User))]


def in_a_plain_loop(session: Session):
    found = []
    for user in session.scalars(select(User).order_by(User.id)):
        found.append(session.scalar(select(func.count()).select_from(select(Address).where(Address.user.has(name=user.name)).subquery())))
    return found


def behind_an_option(session: Session):
    return [u.name for u in session.scalars(select(User).options(joinedload(User.addresses).joinedload(Address.user)).order_by(User.id)).unique()]


def behind_an_alias(session: Session):
    other = aliased(User)
    return session.scalars(select(Address).join(other, Address.user).order_by(other.name).limit(1)).first().city


def behind_a_query_of_only_one_way(session: Session, name=None):
    if name:
        session.scalars(select(User).where(User.name == name)).all()
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_an_object_of_only_one_way(session: Session, user: User = None):
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_what_may_have_failed(session: Session, number=0):
    try:
        number = 1 / number
        session.scalars(select(User).where(User.id == number)).all()
    except ZeroDivisionError:
        pass
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_an_update(session: Session):
    session.execute(update(User).where(User.name == "nobody").values({"name": "jo"}))
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_what_is_only_said(session: Session):
    joined = select(User).join(User.addresses)
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery())), session.scalar(select(func.count()).select_from(joined.subquery()))


def behind_something_short(session: Session, wanted=False):
    wanted and session.scalars(select(User)).all()
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_what_waits(session: Session):
    later = lambda: session.scalars(select(User)).all()
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery())), len(later())


def behind_a_helper(session: Session):
    user = first_of(session, "ed")
    return session.scalar(select(func.count()).select_from(select(Address).filter_by(user=user).subquery()))


def behind_a_helper_that_may_return_before(session: Session):
    user = maybe_first_of(session, None)
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).filter_by(user=user).subquery()))


def behind_a_helper_of_a_helper(session: Session):
    found = Names.of(session)
    return session.scalar(select(func.count()).select_from(select(Address).where(Address.user.has(name=found[0])).subquery()))


def behind_a_helper_that_runs_later(session: Session):
    later = names_one_by_one(session)
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery())), len(list(later))


def behind_a_helper_that_keeps_what_it_gave(session: Session):
    cached_names(1)
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name="ed")).subquery()))


def behind_a_get(session: Session):
    current.configure(bind=session.get_bind())
    current.get(User, 3)
    found = current.scalar(select(func.count()).select_from(select(Address).where(Address.user.has(name="ed")).subquery()))
    current.remove()
    return found


def behind_a_get_of_something_else(session: Session):
    city = cities.get(User, 3)
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).where(Address.user.has(name=city)).subquery()))


def in_a_variable(session: Session, name=None):
    query = select(class_mapper(Address))
    if name is None:
        query = query.where(Address.user.has(name="ed"))
    return session.scalar(select(func.count()).select_from(query.subquery()))


def in_a_function_of_its_own(session: Session):
    return session.scalars(of_ed(select(class_mapper(Address)))).one().city


def of_ed(query):
    return query.where(Address.user.has(name="ed"))


def in_a_row(session: Session):
    rows = select(User.name, class_mapper(Address)).join(User, Address.user).order_by(User.name)
    return [(name, address.city) for name, address in session.execute(rows).unique()]


def in_what_is_selected_instead(session: Session):
    return session.execute(select(class_mapper(Address)).with_only_columns(Address.city).where(Address.user.has(name="ed"))).all()


def in_an_update(session: Session):
    changed = session.execute(update(class_mapper(Address)).where(Address.user.has(name="ed")).values({"city": "sf"}).execution_options(synchronize_session=False)).rowcount
    return changed, [address.city for address in session.scalars(select(Address).order_by(Address.id))]


def in_a_delete(session: Session):
    return session.execute(delete(class_mapper(Address)).where(Address.user == None)).rowcount, session.scalar(select(func.count()).select_from(select(Address).subquery()))


def in_an_option(session: Session):
    return [a.user.name for a in session.scalars(select(class_mapper(Address)).options(joinedload(Address.user)).order_by(Address.id))]


def in_another_query(session: Session):
    owned = select(class_mapper(Address)).where(Address.user.has(name="ed"))
    return session.scalars(select(User).where(User.id.in_(owned.with_only_columns(Address.user_id)))).one().name


def in_a_query_of_columns(session: Session):
    """Such a query does not configure the mappers."""
    try:
        return session.query(Address.city).filter(Address.user.has(name="ed")).all()  # refuse: backref-first
    except AttributeError:
        return "there is no user yet"


def first_of(session: Session, name):
    found = session.scalars(select(User).where(User.name == name).limit(1)).first()
    if found is None:
        return None
    return found


def maybe_first_of(session: Session, name):
    if name is None:
        return None
    return session.scalars(select(User).where(User.name == name).limit(1)).first()


class Names:
    @classmethod
    def of(cls, session: Session):
        return [first_of(session, "ed").name]


def names_one_by_one(session: Session):
    yield from [user.name for user in session.scalars(select(User)).all()]


def instead(function):
    return lambda number: number


@instead
def cached_names(number, session: Session = None):
    return [user.name for user in session.scalars(select(User)).all()]
