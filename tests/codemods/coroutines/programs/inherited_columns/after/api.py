from typing import List, Optional

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from session import SessionDep
from staff import Emp, Eng, Team

app = FastAPI()


class EngOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    lang: str


class AnyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    lang: Optional[str] = None


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    emps: List[AnyOut]


@app.get("/labels")
async def labels(db: SessionDep):
    return [await db.run_sync(lambda _: e.label()) for e in await db.scalars(select(Emp).order_by(Emp.id))]


@app.get("/described")
async def described(db: SessionDep):
    return [await db.run_sync(lambda _: e.described) for e in await db.scalars(select(Emp).where(Emp.kind == "eng"))]  # stays: not-loadable


@app.get("/described2")
async def described2(db: SessionDep):
    return [e.described for e in await db.scalars(select(Eng))]


@app.get("/engs", response_model=List[EngOut])
async def engs(db: SessionDep):
    return (await db.scalars(select(Eng))).all()


@app.get("/any", response_model=List[AnyOut])
async def any_(db: SessionDep):
    return await db.run_sync(lambda _, value: [AnyOut.model_validate(item) for item in value], (await db.scalars(select(Emp).order_by(Emp.id))).all())  # stays: model-reads


@app.get("/team", response_model=TeamOut)
async def team(db: SessionDep):
    return await db.run_sync(lambda _, value: TeamOut.model_validate(value), await db.get(Team, 1))  # stays: model-reads


@app.post("/new", response_model=EngOut)
async def new(db: SessionDep):
    e = Eng(name="n", lang="c")
    db.add(e)
    await db.commit()
    await db.refresh(e)
    return e


@app.post("/new2")
async def new2(db: SessionDep):
    e = Eng(name="n", lang="c")
    db.add(e)
    await db.flush()
    return e.lang


@app.get("/get")
async def get_(db: SessionDep):
    return (await db.get(Eng, 1)).lang


@app.get("/getemp")
async def getemp(db: SessionDep):
    return await db.run_sync(lambda db: db.get(Emp, 1).lang)  # stays: not-loadable


@app.post("/longer")
async def longer(db: SessionDep):
    def in_session(db: Session):
        for e in db.scalars(select(Emp).order_by(Emp.id)):
            if isinstance(e, Eng):
                e.lang += "!"
        db.commit()
        return [e.lang for e in db.scalars(select(Eng))]

    return await db.run_sync(in_session)


@app.post("/renamed")
async def renamed(db: SessionDep):
    for e in await db.scalars(select(Emp).order_by(Emp.id)):
        e.name += "!"
    await db.commit()
    return [e.name for e in await db.scalars(select(Emp).order_by(Emp.id))]
