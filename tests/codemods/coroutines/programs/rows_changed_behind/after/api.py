from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crud import latest, rename, save
from session import SessionDep
from models import Tag, Team, User

app = FastAPI()


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    logins: int


@app.put("/unsynchronised", response_model=UserOut)
async def unsynchronised(name: str, db: SessionDep):
    user = await db.get(User, 1)
    if user is None:
        return None
    await db.execute(update(User).where(User.id == 1).values(name=name).execution_options(synchronize_session=False))
    await db.commit()  # what others see
    db.expire_all()
    return (await db.scalars(select(User).where(User.id == 1))).first()


@app.put("/textual", response_model=UserOut)
async def textual(db: SessionDep):
    before = (await db.get(User, 2)).logins
    await db.execute(text("UPDATE users SET logins = :n WHERE id = 2"), {"n": before + 5})
    await db.commit()
    db.expire_all()
    user = await db.get(User, 2)
    return user


@app.put("/table", response_model=list[UserOut])
async def table(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id))).all()
    count = len(users)
    await db.execute(update(User.__table__).values(logins=count))
    await db.commit()
    db.expire_all()
    found = []
    for user in await db.scalars(select(User).order_by(User.id)):
        found.append(user)
    return found


@app.put("/refreshed")
async def refreshed(db: SessionDep):
    team = await db.get(Team, 1)
    await db.execute(text("UPDATE teams SET name = 'navy' WHERE id = 1"))
    await db.commit()
    await db.refresh(team)
    return {"name": team.name}


@app.put("/used")
async def used(db: SessionDep):
    def in_session(db: Session):
        team = db.get(Team, 2)
        db.execute(text("UPDATE teams SET name = 'rose' WHERE id = 2"))
        db.commit()
        return {"name": team.name}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/helper", response_model=UserOut)
async def by_a_helper(db: SessionDep):
    assert (await latest(db)).id
    await rename(db, 3, "zoe")
    await save(db)
    return await latest(db)


@app.delete("/nothing")
async def nothing_is_read(db: SessionDep):
    tag = await db.get(Tag, 1)
    name = tag.name
    await db.execute(delete(Tag).where(Tag.id == 99).execution_options(synchronize_session=False))
    await db.commit()
    return {"name": name}


@app.put("/synchronised", response_model=UserOut)
async def synchronised(db: SessionDep):
    user = await db.get(User, 1)
    await db.execute(update(User).where(User.id == user.id).values(logins=7))
    await db.commit()
    return await db.get(User, 1)


@app.put("/line", response_model=UserOut)
async def on_one_line(db: SessionDep):
    def in_session(db: Session):
        db.execute(text("UPDATE users SET logins = 9 WHERE id = 1"))
        db.commit(); found = db.get(User, 1)  # fmt: skip
        return UserOut.model_validate(found)

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/replaced")
async def replaced(db: SessionDep):
    def in_session(db: Session):
        insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        tag = db.get(Tag, 2)
        before = tag.name
        statement = insert(Tag).values(id=2, name="replaced")
        db.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"name": statement.excluded.name}))
        db.commit()
        return [before, tag.name]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/inserted")
async def inserted(db: SessionDep):
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    tag = await db.get(Tag, 2)
    before = tag.name
    await db.execute(insert(Tag).values(id=2, name="never").on_conflict_do_nothing())
    await db.commit()
    return [before, tag.name]


def counted(db: Session):  # stays: stale-after-commit
    db.execute(text("UPDATE users SET logins = logins + 1"))
    db.commit()
    return True


@app.put("/beside")
async def beside(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        return [counted(db), user.logins]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/head")
async def head(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        if counted(db):
            return user.logins
        return None

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


def failing(db: Session):  # stays: stale-after-commit
    db.execute(text("UPDATE users SET logins = logins + 1"))
    db.commit()
    raise KeyError("logins")


@app.put("/caught")
async def caught(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        try:
            failing(db)
        except KeyError:
            return user.logins

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
