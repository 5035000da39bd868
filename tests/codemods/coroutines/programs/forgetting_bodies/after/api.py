"""Endpoints that read after a commit what may have changed, where no line for a refresh is found."""

from alchemove import session_depends
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from crud import create, created, named, rename, titles
from session import SessionDep, get_session
from models import Tag, Team, User

app = FastAPI()
log = []


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    logins: int
    team: TeamOut | None = None


class PageOut(BaseModel):
    total: int
    users: list[UserOut]


async def current(number: int = 1, db: AsyncSession = session_depends(get_session)) -> User:
    user = await db.get(User, number)
    if user is None:
        raise HTTPException(404)
    return user


def note(text: str) -> None:
    log.append(text)


def note_name(user: User) -> None:
    log.append(user.name)


@app.get("/me")
def me(user: User = Depends(current)):
    return user.name


@app.put("/renamed", response_model=UserOut)
async def renamed(name: str, user: User = Depends(current), db: AsyncSession = session_depends(get_session)):
    """What a helper changes behind the object is read of it."""

    def in_session(db: Session):
        before = user.name
        rename(db, user.id, name)
        if user.name == before:
            raise HTTPException(409)
        return UserOut.model_validate(user)

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/twice")
async def twice(name: str, user: User = Depends(current), db: AsyncSession = session_depends(get_session)):
    def in_session(db: Session):
        first = titles(db, user)
        second = titles(db, user)
        user.name = name
        db.commit()
        rename(db, user.id, f"{user.name}!")
        return {"first": first, "second": second, "name": user.name, "result": len(user.posts)}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/page", response_model=PageOut)
async def page(name: str, user: User = Depends(current), db: AsyncSession = session_depends(get_session)):
    def in_session(db: Session):
        users = db.scalars(select(User).order_by(User.id)).all()
        rename(db, user.id, name)
        return PageOut.model_validate({"total": len(users), "users": users}, from_attributes=True)

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/counts/{number}")
async def counts(number: int, name: str, db: SessionDep):
    """Nothing that it returns is an object."""

    def in_session(db: Session):
        user = db.get(User, number)
        before = user.name
        rename(db, number, name)
        try:
            int(user.name)
        except ValueError as error:
            failed = str(error)
            return {
                "id": number,
                "before": before,
                "length": len(user.name),
                "logins": round(user.logins / 2, 1) if user.logins else 0,
                "posts": [{"title": post.title.upper(), "id": post.id} for post in user.posts],
                "highest": max([post.id for post in user.posts]),
                "error": failed or None,
            }
        return {"error": repr(before) + "!"}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/told")
async def told(name: str, tasks: BackgroundTasks, user: User = Depends(current), db: AsyncSession = session_depends(get_session)):
    def in_session(db: Session):
        rename(db, user.id, name)
        tasks.add_task(note, user.name)
        return user.name

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.get("/log")
def read_log():
    return log


@app.post("/bare")
async def bare(name: str, db: SessionDep):
    """The answer is what is loaded: nothing."""
    team = Team(name=name)
    db.add(team)
    await db.commit()
    db.expire(team)
    return team


@app.post("/given")
async def given_by_a_helper(name: str, db: SessionDep):
    def in_session(db: Session):
        return {"team": create(db, name)}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/encoded")
async def encoded(name: str, db: SessionDep):
    def in_session(db: Session):
        team = create(db, name)
        tags = db.scalars(select(Tag).order_by(Tag.id)).all()
        return [jsonable_encoder(team), [vars(tag).keys() >= {"name"} for tag in tags]]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/read")
async def read_before(name: str, db: SessionDep):
    team = await db.run_sync(create, name)
    if team.id == 0:
        raise HTTPException(404)
    return team


@app.post("/fresh")
async def refreshed_by_a_helper(name: str, db: SessionDep):
    return await created(db, name)


@app.put("/named/{number}")
async def refreshed_where_it_is_committed(number: int, name: str, db: SessionDep):
    return await named(db, number, name)


@app.post("/related")
async def read_by_a_relationship(name: str, db: SessionDep):
    """Reading a relationship reads the object again as well."""

    def in_session(db: Session):
        team = Team(name=name)
        db.add(team)
        db.commit()
        if team.users:
            raise HTTPException(409)
        return team

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/queried")
async def queried_again(name: str, db: SessionDep):
    def in_session(db: Session):
        team = Team(name=name)
        db.add(team)
        db.commit()
        number = len(db.scalars(select(Team)).all())
        return {"number": number, "team": team}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.delete("/gone")
async def gone(db: SessionDep):
    """A commit leaves what was deleted as it is."""
    tag = Tag(name="gone")
    db.add(tag)
    await db.flush()
    await db.delete(tag)
    await db.commit()
    return tag


@app.put("/modelled", response_model=TeamOut)
async def modelled(name: str, db: SessionDep):
    return await db.run_sync(create, name)


@app.post("/tags/shown")
async def shown_after_it_was_read(db: SessionDep):
    """Another name has loaded it again."""

    def in_session(db: Session):
        tags = db.scalars(select(Tag).order_by(Tag.id)).all()
        tag = db.scalars(select(Tag).order_by(Tag.id).limit(1)).one()
        tag.name = "shown"
        db.commit()
        assert [each.name for each in tags]
        return tag

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/tags/bare")
async def shown_bare(db: SessionDep):
    tag = (await db.scalars(select(Tag).order_by(Tag.id).limit(1))).one()
    tag.name = "bare"
    await db.commit()
    db.expire(tag)
    return tag
