"""What the results of tests are called: the application is about tests, this is none."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag


def names_of_results(db: Session):
    return list(db.scalars(select(Tag.name).order_by(Tag.name)))
