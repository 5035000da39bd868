import kept
import overlaid
import starred
import taken
from database import session
from helpers import fill
from models import User


def main():
    fill("ed", "jo")
    starred.rename("ed", "al")
    parts = {"session": session}
    return [
        starred.names(),
        overlaid.count(),
        taken.current(),
        taken.both_taken("jo"),
        [user.name for user in kept.users_of(parts, User)],
        [user.name for user in kept.users_of({"session": session}, User)],
    ]
