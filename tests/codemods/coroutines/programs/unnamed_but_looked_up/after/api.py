from alchemove import session_depends
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from session import get_session
from helpers import titles, user_named

app = FastAPI()


@app.get("/titles")
async def shown(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    return await db.run_sync(lambda db: titles(db, user_named(db, name).id))
