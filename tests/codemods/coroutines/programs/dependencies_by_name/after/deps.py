"""Dependencies that have names of their own."""

from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, Security
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import database
from database import get_db
from models import User
from session import SessionDep, get_session

DBSession = Depends(get_db)
Typed: Session = Depends(database.get_db)
Cached = Depends(get_db, use_cache=False)
Later = Depends(get_db)
Later = Security(get_db)
Found = Annotated[AsyncSession, session_depends(get_session)]


async def first(db: SessionDep):
    return await db.get(User, 1)


FirstUser = Depends(first)
