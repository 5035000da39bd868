from __future__ import annotations

from typing import TYPE_CHECKING

from ..db import session_scope
from ..models import *

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def rename(session: Session, old: str, new: str) -> int:
    return session.query(User).filter(User.name == old).update({"name": new}, synchronize_session=False)


def names() -> list[str]:
    with session_scope() as s:
        rename(s, "jo", "joe")
        return [name for name, in s.query(User.name).order_by(User.name)]
