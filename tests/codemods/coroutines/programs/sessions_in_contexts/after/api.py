from fastapi import Depends, FastAPI

from context import Batch, Context, batch, context, count, members
from session import SessionDep

app = FastAPI()


@app.get("/members")
async def names(ctx: Context = Depends(context)):
    return [ctx.user.name, [user.name for user in await ctx.db.scalars(members(ctx))]]


@app.get("/count")
async def counted(session: SessionDep, work: Batch = Depends(batch)):
    return await session.run_sync(lambda _: count(work))
