from contextlib import suppress

from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blocks import Posts, committed, counting, forgiving, guarded, locked, names, on_its_own, stepwise, streaming, tags, titles
from database import get_db
from models import Tag, User
from session import SessionDep

app = FastAPI()


@app.post("/tags")
async def add_tag(name: str, db: SessionDep):
    async with committed(db) as session:
        tag = Tag(name=name)
        session.add(tag)
        await session.flush()
        if not name:
            raise HTTPException(422)
        if name == "early":
            return {"early": tag.id}
    return {"id": tag.id}


@app.post("/login")
async def login(db: SessionDep):
    user = await db.get(User, 1)
    async with committed(db):
        async with counting(db, user):
            user.name = "eve"
    await db.refresh(user, attribute_names=["logins"])
    return user.logins


@app.post("/forgiving")
async def forgive(name: str, db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        with forgiving(db):
            db.add(Tag(name=name))
            if not name:
                raise ValueError(name)
        return name

    return await db.run_sync(in_session)


@app.get("/own")
async def own():
    async with on_its_own() as session:
        return await session.scalar(select(func.count(Tag.id)))


@app.post("/both")
async def both(db: SessionDep):
    async with committed(db), Posts(db).renaming(2) as post:
        db.add(Tag(name="with a post"))
        post.title = "both"
    return post.title


@app.get("/locked")
async def mixed(db: SessionDep):
    def in_session(db: Session):
        with suppress(KeyError), locked(db) as user:
            return user.name

    return await db.run_sync(in_session)


@app.get("/names")
async def all_names(db: SessionDep):
    found = []
    async for name in names(db):
        if name == "cleo":
            break
        found.append([name, [title async for title in titles(db, name)]])
    return found


@app.get("/collected")
async def collected(db: SessionDep):
    posts = Posts(db)
    return {
        "list": [item async for item in names(db)],
        "set": len({item async for item in names(db)}),
        "sorted": sorted([item async for item in names(db)], key=lambda name: name[::-1]),
        "sum": sum([len(name) async for name in names(db) if name]),
        "by name": {name: len(name) async for name in names(db)},
        "posts": [post.title async for post in posts.all()],
        "pairs": [[name, title] for name in ("eve", "cleo") async for title in titles(db, name)],
    }


@app.post("/rename")
async def rename(db: SessionDep):
    async with Posts(db).renaming(1) as post:
        post.title = "changed"
    return post.title


@app.get("/guarded")
async def behind(db: SessionDep):
    return await db.run_sync(lambda db: [name for name in guarded(db)]) + await db.run_sync(lambda db: sorted(tags(db)))


@app.get("/first")
async def first(db: SessionDep):
    return await db.run_sync(lambda db: next(stepwise(db)))


@app.get("/streamed")
def streamed(db: Session = Depends(get_db)):  # stays: consumed-generator
    return StreamingResponse(streaming(db), media_type="application/json")
