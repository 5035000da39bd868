from models import User


def some(query):
    return query.filter(User.id > 1)
