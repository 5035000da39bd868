"""Pagination of queries."""

from typing import Any, Generic, List, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Query

from app.config import settings

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(from_attributes=True)

    items: List[T]
    total: int
    page: int
    size: int
    pages: int


def paginate(query: Query, page: int = 1, size: int = 20) -> dict:
    """Run the query for one page and count all rows."""
    size = max(1, min(size, settings.MAX_PAGE_SIZE))
    page = max(1, page)
    total = query.order_by(None).count()
    items: List[Any] = query.offset((page - 1) * size).limit(size).all()
    return {
        "items": items,
        "total": total,
        "page": page,
        "size": size,
        "pages": (total + size - 1) // size,
    }
