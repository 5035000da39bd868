"""All that this file does with queries stands in functions, or above them."""

from sqlalchemy import select

from models import User, session


def of(target):
    def wrap(function):
        def called(*args):
            return target(*args).name, function(*args)

        return called

    return wrap


def found(key):
    return select(User).filter_by(id=key)


class Names:
    @staticmethod
    @of(
        target=lambda key: session.get(User, key)
    )
    def shouted(key):
        return session.get(User, key).name.upper()


@of(lambda key: session.scalars(found(key).limit(1)).first())
def length(key):
    return len(session.scalars(found(key)).one().name)


def everybody(names=lambda: [user.name for user in session.scalars(select(User).order_by(User.id))]):
    return names()
