from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

from alchemove import session_depends
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Response
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

import crud
from session import SessionDep, get_session
from models import Tag, Team, User

app = FastAPI()
sent: list[str] = []


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    logins: int | None


class Member(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    team_id: int


class Shouted(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str

    @field_validator("name")
    @classmethod
    def is_loud(cls, name: str) -> str:
        if not name.isupper():
            raise ValueError(name)
        return name


@app.post("/teams", response_model=TeamOut)
async def create_team(name: str, db: SessionDep):
    return await crud.create_team(db, name)


@app.post("/users", response_model=UserOut)
async def create_user(name: str, db: SessionDep):
    user = User(name=name)
    db.add(user)
    try:
        await db.flush()
    except IntegrityError:
        await db.rollback()
        raise HTTPException(409)
    await db.refresh(user)
    return user


@app.post("/members", response_model=Member)
async def create_member(name: str, db: SessionDep):
    user = User(name=name)
    db.add(user)
    await db.commit()
    await db.refresh(user)
    return user


@app.post("/shouted", response_model=Shouted)
async def shouted(name: str, db: SessionDep):
    team = Team(name=name)
    db.add(team)
    await db.commit()
    await db.refresh(team)
    return team


@app.post("/tags")
async def tag(name: str, db: SessionDep):
    await crud.add_tag(db, name)
    if name == "news":
        return {"known": name}
    return {"ok": True, "text": f"{name} is there"}


def token(given: str | None = Depends(OAuth2PasswordBearer(tokenUrl="token", auto_error=False))) -> str:
    return given or "nobody"


@app.delete("/tags/{tag_id}", status_code=204)
async def delete_tag(tag_id: int, db: SessionDep, who: str = Depends(token)) -> None:
    await db.delete(await db.get(Tag, tag_id))
    await db.flush()


@app.post("/checked")
async def checked(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    if name == "bad":
        raise HTTPException(400)
    return {"ok": True}


@app.post("/told")
async def told(name: str, background: BackgroundTasks, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    background.add_task(sent.append, name)
    return {"ok": True}


@app.post("/sent")
async def send(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    sent.append(name)
    return {"ok": True}


@app.post("/twice")
async def twice(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    db.add(Team(name=name))
    await db.flush()
    return {"ok": True}


@app.post("/each")
async def each(names: str, db: SessionDep):
    for name in names.split(","):
        db.add(Team(name=name))
        await db.commit()
    return {"ok": True}


@app.post("/suppressed")
async def suppressed(name: str, db: SessionDep):
    with suppress(KeyError):
        db.add(Tag(name=name))
        await db.commit()
    return {"ok": True}


@app.put("/teams/{team_id}", response_model=TeamOut)
async def rename(team_id: int, name: str, db: SessionDep):
    return await crud.rename_team(db, team_id, name)


@app.put("/teams/{team_id}/checked", response_model=TeamOut)
async def rename_checked(team_id: int, name: str, db: SessionDep):
    team = await crud.rename_team(db, team_id, name)
    if len(team.name) > 10:
        raise HTTPException(400)
    return team


def watching() -> Iterator[str]:
    yield "watcher"
    sent.append("the end")


def watched(name: str = Depends(watching)) -> str:
    return name


async def watched_user(db: SessionDep) -> AsyncIterator[str]:
    yield (await crud.user_named(db, "ada")).name
    sent.append("the end of ada")


@app.get("/watched")
async def with_a_session(watcher: str = session_depends(watched_user), db: AsyncSession = session_depends(get_session)):
    return [watcher, (await db.get(Tag, 2)).name]


class Holding:
    def __init__(self, db: AsyncSession):
        self.db = db


def holding(db: SessionDep) -> Iterator[Holding]:
    yield Holding(db)


@app.get("/held")
async def held(found: Holding = session_depends(holding), db: AsyncSession = session_depends(get_session)):
    return [found.db is db, (await db.get(Tag, 2)).name]


@app.post("/watched")
async def with_another(name: str, watcher: str = Depends(watched), db: AsyncSession = session_depends(get_session)):
    db.add(Tag(name=name))
    await db.commit()
    return {"watcher": watcher}


@app.post("/plain")
async def plain(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    return Response(status_code=201)
