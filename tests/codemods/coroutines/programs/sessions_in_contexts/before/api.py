from fastapi import Depends, FastAPI

from context import Batch, Context, batch, context, count, members

app = FastAPI()


@app.get("/members")
def names(ctx: Context = Depends(context)):
    return [ctx.user.name, [user.name for user in ctx.db.scalars(members(ctx))]]


@app.get("/count")
def counted(work: Batch = Depends(batch)):
    return count(work)
