"""All that this file does with queries stands in functions, or above them."""

from models import User


def of(target):
    def wrap(function):
        def called(*args):
            return target(*args).name, function(*args)

        return called

    return wrap


def found(key):
    return User.query.filter_by(id=key)


class Names:
    @staticmethod
    @of(
        target=lambda key: User.query.get(
            key
        )
    )
    def shouted(key):
        return User.query.get(key).name.upper()


@of(lambda key: found(key).first())
def length(key):
    return len(found(key).one().name)


def everybody(names=lambda: [user.name for user in User.query.order_by(User.id)]):
    return names()
