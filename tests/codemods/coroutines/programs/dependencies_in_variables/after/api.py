from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from session import get_session
from guards import chosen, handed
from models import Team, User
from routers import handlers_router, tags_router

app = FastAPI()
app.include_router(tags_router(None, handed), prefix="/open")
app.include_router(tags_router("blue", write_guard=handed), prefix="/blue")
app.include_router(handlers_router("handled"), prefix="/handled")

strict: object = chosen(True)


@app.get("/strict")
async def strictly(user: User = Depends(strict), db: AsyncSession = session_depends(get_session)):
    return [user.name, (await db.get(Team, user.team_id)).name]


@app.get("/mild")
async def mildly(user: User = Depends(chosen(False)), db: AsyncSession = session_depends(get_session)):
    return [user.name, (await db.get(Team, user.team_id)).name]
