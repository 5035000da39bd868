from database import SessionLocal
from helpers import Archive, Tagger


def shared_task(function):
    return function


@shared_task
def tag_all(name):  # stays: task
    db = SessionLocal()
    try:
        return [Tagger(db).tag(post_id, name) for post_id in (1, 2)]
    finally:
        db.close()


@shared_task
def drop(title):  # stays: task
    with SessionLocal() as db:
        return Archive(db).drop(title)
