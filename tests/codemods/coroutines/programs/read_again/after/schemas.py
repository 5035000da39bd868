from decimal import Decimal
from typing import Optional

from pydantic import BaseModel, ConfigDict

from models import Kind


class ItemIn(BaseModel):
    name: str
    label: Optional[str] = None
    price: Optional[float] = None
    cost: Optional[Decimal] = None
    code: Optional[str] = None
    data: Optional[dict] = None


class PlainIn(BaseModel):
    name: Optional[str] = None
    price: Optional[float] = None
    qty: Optional[int] = None
    kind: Optional[Kind] = None


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    label: Optional[str] = None
    cost: Optional[Decimal] = None
    code: Optional[str] = None


class NameOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
