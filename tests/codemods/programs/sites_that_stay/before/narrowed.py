from models import User
from narrowing import some
from narrowing import some as narrow


def chosen(session):
    return some(session.query(User)).all()


def renamed_elsewhere(anything):
    return [user.name for user in narrow(anything).all()]
