"""What is assigned behind a commit is sent, even if it is what was there before: `onupdate` tells."""

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crud import Users, patch
from session import SessionDep
from models import Team, User

app = FastAPI()


@app.put("/same")
async def the_same_value(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        user.changed_at = None
        db.commit()
        user.logins = 0
        db.commit()
        return user.changed_at is None

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/helper")
async def by_a_helper(db: SessionDep):
    def in_session(db: Session):
        users = Users(db)
        user = users.count(db.get(User, 2), 4)
        user.changed_at = None
        db.commit()
        users.count(user, 4)
        return user.changed_at is None

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/rounds")
async def in_each_round(db: SessionDep):
    def in_session(db: Session):
        for user in db.scalars(select(User)).all():
            user.logins = 0
            db.commit()
        return [user.changed_at is None for user in db.scalars(select(User).order_by(User.id))]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/found")
async def found_in_each_round(db: SessionDep):
    """What was asked for in the same round is known."""
    rounds = 0
    while rounds < 2:
        user = (await db.scalars(select(User).where(User.logins == 0).order_by(User.id).limit(1))).first()
        if user is None:
            break
        user.logins = 7 + rounds
        await db.commit()
        await db.refresh(user, attribute_names=["logins"])
        rounds += 1
    return rounds


@app.put("/read")
async def read_before(name: str, db: SessionDep):
    """Once it is read again there is something to compare with."""
    user = await db.get(User, 3)
    user.name = name
    await db.commit()
    if user.logins == 0:
        user.logins = 0
    await db.commit()
    return user.logins


@app.put("/unwatched")
async def nobody_can_tell(db: SessionDep):
    team = await db.get(Team, 1)
    team.name = "navy"
    await db.commit()
    team.name = "navy"
    await db.commit()
    return team.name


@app.put("/no-variable")
async def without_a_variable(db: SessionDep):
    team = await db.get(Team, 2)
    (await db.get(Team, 2)).name = str(team.id + 5)
    await db.commit()
    return team.name


@app.post("/undone")
async def undone(name: str, db: SessionDep):
    """A rollback takes the new object out of the session: the helper may be given one that no refresh can find."""

    def in_session(db: Session):
        user = User(name=name)
        db.add(user)
        try:
            db.flush()
        except IntegrityError:
            db.rollback()
        patch(db, user, {"logins": 4})
        return user.logins

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/patched/{number}")
async def patched(number: int, logins: str, db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, number)
        patch(db, user, {"logins": logins})
        return user.logins

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
