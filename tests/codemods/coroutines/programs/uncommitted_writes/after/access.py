from alchemove import discard_uncommitted

from session import SessionDep
from models import User


async def current_user(db: SessionDep) -> User:
    discard_uncommitted(db)
    user = await db.get(User, 1)
    user.logins = user.logins + 100
    return user
