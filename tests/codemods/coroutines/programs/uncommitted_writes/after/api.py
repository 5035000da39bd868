from typing import Annotated

from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from access import current_user
from session import SessionDep, get_session
from models import Post, Tag, User
from shelves import Shelf, get_shelf

app = FastAPI()


@app.delete("/tags")
async def delete_tag(name: str, db: SessionDep):
    """The usual shape: what is not committed changed no row."""
    discard_uncommitted(db)
    result = await db.execute(delete(Tag).where(Tag.name == name))
    if result.rowcount == 0:
        return False
    await db.commit()
    return True


@app.post("/rename")
async def rename(name: str, keep: bool = False, db: AsyncSession = session_depends(get_session)):
    # The answer shows the new name either way.
    discard_uncommitted(db)
    user = await db.get(User, 1)
    user.name = name
    await db.flush()
    if keep:
        await db.commit()
    return {"name": user.name, "logins": user.logins}


@app.post("/object")
async def rename_and_answer(name: str, db: SessionDep) -> dict:
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.id == 1))).one()
    user.name = name
    return {"name": user.name}


@app.post("/twice")
async def twice(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    await db.commit()
    db.add(Tag(name=name + "!"))
    if not name:
        raise HTTPException(400, "no name")
    return len((await db.scalars(select(Tag))).all())



@app.get("/me")
def me(user: Annotated[User, Depends(current_user)]):
    return {"id": user.id, "logins": user.logins}


@app.post("/shelf")
async def on_shelf(session: SessionDep, title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    discard_uncommitted(session)
    shelf.put(title)
    return await shelf.titles()


@app.post("/kept")
async def kept(title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    shelf.put(title)
    await shelf.keep()
    return await shelf.titles()


@app.post("/read")
async def committed(name: str, db: SessionDep):
    await db.execute(update(User).where(User.id == 2).values(name=name))
    await db.commit()
    return [user.name for user in await db.scalars(select(User).order_by(User.id))]


@app.get("/rows")
async def rows(db: SessionDep):
    names = (await db.scalars(select(Tag.name).order_by(Tag.id))).all()
    users = (await db.execute(select(User.name, User.logins).order_by(User.id))).all()
    return [names, [list(user) for user in users], (await db.scalars(select(Post.title).order_by(Post.id))).all()]


@app.post("/put")
def only_put(title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    shelf.put(title)
    return title


@app.post("/birthday")
async def birthday(user: Annotated[User, Depends(current_user)], db: SessionDep):
    user.logins = 7
    await db.commit()
    return 7
