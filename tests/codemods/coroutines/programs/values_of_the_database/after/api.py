from session import SessionDep
from fastapi import FastAPI
from items import Item, ItemPublic
from sqlmodel import Session, select

app = FastAPI()


@app.post("/flushed")
async def flushed(db: SessionDep):
    item = await db.get(Item, 1)
    item.title = "two"
    await db.flush()
    await db.refresh(item, attribute_names=["revision", "size"])
    seen = {"revision": item.revision, "size": item.size}
    await db.commit()
    return seen


@app.post("/committed", response_model=ItemPublic)
async def committed(db: SessionDep):
    item = (await db.scalars(select(Item))).one()
    item.title = "three"
    await db.commit()
    await db.refresh(item, attribute_names=["revision", "size"])
    return item


@app.post("/overwritten")
async def overwritten(db: SessionDep):
    def in_session(db: Session):
        item = db.scalars(select(Item)).one()
        item.title = "four"
        db.commit()
        item.title = "four"
        db.commit()
        return item.revision

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
