from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag

COUNTED: dict[str, int] = {}


class Notes:
    def __init__(self, db: Session):
        self.db = db

    def count(self, name: str) -> int:  # stays: not-reached
        COUNTED[name] = len(self.db.scalars(select(Tag)).all())
        return COUNTED[name]

    async def latest(self, name: str) -> int | None:
        return COUNTED.get(name)
