"""A helper changes the object, another one reads it."""

from models import User


def count(user: User, logins: int) -> None:
    user.logins = logins


def of_team(user: User) -> str:  # stays: no-session
    return user.team.name  # alchemove: flushes-here
