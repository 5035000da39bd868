from concurrent.futures import ThreadPoolExecutor

from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from deps import active_user, current_user, sync_active_user, sync_team, team, visitor
from models import Tag, Team, User
from session import get_session

app = FastAPI()


def count(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(Tag)).all())


@app.get("/me")
async def me(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(Tag))).all())]


@app.get("/team")
async def mine(user: User = Depends(active_user), found: Team = Depends(team), db: AsyncSession = session_depends(get_session)):
    return [user.name, found.name, len((await db.scalars(select(Tag))).all())]


@app.get("/visit")
def visit(name: str = Depends(visitor), db: Session = Depends(get_db)):  # stays: shared-request
    return [name, len(db.scalars(select(Tag)).all())]


@app.get("/count")
def counted(  # stays: session-for-later
    user: User = Depends(sync_active_user),
    found: Team = Depends(sync_team),
    name: str = Depends(visitor),
    db: Session = Depends(get_db),
):
    with ThreadPoolExecutor(1) as pool:
        return [user.name, found.name, name, pool.submit(count, db).result()]
