"""Generic models, which know what they hold where they are given an argument only."""

from typing import Any, Generic, Optional, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    titles: list[str]


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Given(BaseModel, Generic[T]):
    items: list[T]


class Answer(BaseModel, Generic[T]):
    data: Optional[T] = None
    ok: bool = True


class Plain(BaseModel):
    names: list[Any]
