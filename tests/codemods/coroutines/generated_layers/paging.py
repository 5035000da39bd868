"""A page of whatever a statement gives."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def paginate(db: Session, statement, page: int = 1, size: int = 2) -> dict:
    total = db.scalar(select(func.count()).select_from(statement.subquery()))
    items = db.scalars(statement.offset((page - 1) * size).limit(size)).all()
    return {"items": items, "total": total}
