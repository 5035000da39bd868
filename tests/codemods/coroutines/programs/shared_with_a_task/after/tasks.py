from database import SessionLocal
from helpers import Tagger


def shared_task(function):
    return function


@shared_task
def tag_all(name):  # stays: task
    db = SessionLocal()
    try:
        return [Tagger(db).tag(post_id, name) for post_id in (1, 2)]
    finally:
        db.close()
