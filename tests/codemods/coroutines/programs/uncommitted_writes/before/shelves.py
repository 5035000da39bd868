from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post


class Shelf:
    def __init__(self, db: Session):
        self.db = db

    def put(self, title: str) -> None:
        self.db.add(Post(title=title, author_id=1))

    def keep(self) -> None:
        self.db.commit()

    def titles(self) -> list[str]:
        return list(self.db.scalars(select(Post.title).order_by(Post.id)))


def get_shelf(db: Session = Depends(get_db)) -> Shelf:
    return Shelf(db)
