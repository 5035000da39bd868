from sqlalchemy import func, select

from .. import models
from ..database import get_db


def count():
    for db in get_db():
        return db.scalar(select(func.count(models.Item.id)))
