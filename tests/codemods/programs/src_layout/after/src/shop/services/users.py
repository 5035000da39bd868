from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ..db import session_scope
from ..models import *

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def rename(session: Session, old: str, new: str) -> int:
    return session.execute(update(User).where(User.name == old).values({"name": new}).execution_options(synchronize_session=False)).rowcount


def names() -> list[str]:
    with session_scope() as s:
        rename(s, "jo", "joe")
        return [name for name, in s.execute(select(User.name).order_by(User.name))]
