"""Dependencies that have names of their own."""

from typing import Annotated

from fastapi import Depends, Security
from sqlalchemy.orm import Session

import database
from database import get_db
from models import User

DBSession = Depends(get_db)
Typed: Session = Depends(database.get_db)
Cached = Depends(get_db, use_cache=False)
Later = Depends(get_db)
Later = Security(get_db)
Found = Annotated[Session, DBSession]


def first(db: Session = DBSession):
    return db.get(User, 1)


FirstUser = Depends(first)
