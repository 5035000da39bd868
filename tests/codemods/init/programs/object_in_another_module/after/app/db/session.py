"""The database and its sessions."""

from alchemove import Database

from app.dependencies import connection

database = Database.from_engine(lambda: connection.engine)

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
