from alchemove import discard_uncommitted
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from session import SessionDep
from models import Folder

app = FastAPI()


class Named(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class Inner(Named):
    parent: Named | None


class Outer(Named):
    children: list[Named]


@app.post("/inner", response_model=Inner)
async def inner(name: str, parent_id: int, db: SessionDep):
    folder = Folder(name=name, parent_id=parent_id)
    db.add(folder)
    await db.commit()
    await db.refresh(folder)
    return await db.run_sync(lambda _: Inner.model_validate(folder))  # alchemove: new-object


@app.post("/outer", response_model=Outer)
async def outer(name: str, db: SessionDep):
    folder = Folder(name=name)
    db.add(folder)
    await db.commit()
    await db.refresh(folder)
    await db.refresh(folder, attribute_names=["children"])
    return folder


@app.post("/named")
async def named(parent_id: int, db: SessionDep):
    discard_uncommitted(db)
    folder = Folder(name="named", parent_id=parent_id)
    db.add(folder)
    await db.flush()
    await db.refresh(folder, attribute_names=["parent"])
    return (await db.run_sync(lambda _: folder.parent)).name  # alchemove: new-object
