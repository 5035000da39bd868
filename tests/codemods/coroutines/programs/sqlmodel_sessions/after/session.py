"""What `alchemove init` writes: the session module."""

from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Session

database = Database.from_env(session_options={"class_": Session})
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
