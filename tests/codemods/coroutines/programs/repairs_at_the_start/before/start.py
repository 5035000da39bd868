from crud import Teams, Users, begin_to_repair, repair, settings
from session import database


def start() -> None:  # stays: not-reached
    with database.sync_session() as db:
        settings(db)
        repair(db)
        if not Users(db).count():
            Users(db).rename(1, "first")


def migrate() -> None:  # stays: not-reached
    with database.sync_session() as db:
        begin_to_repair(db)
        Teams(db).rename(1, "navy")
