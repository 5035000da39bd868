from typing import Generic, List, Optional, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")
D = TypeVar("D")


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(from_attributes=True)
    items: List[T]
    total: int
    after: Optional[T] = None


class Envelope(BaseModel, Generic[D]):
    data: Optional[D] = None
    message: str = "ok"


class Pair(BaseModel, Generic[T, D]):
    first: T
    second: D


async def paginate(db, statement, size):
    items = (await db.scalars(statement.limit(size))).all()
    return {"items": items, "total": len(items)}
