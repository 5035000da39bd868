"""Blocks of their own whose commits stay: what is read behind them is what the sync session would load."""

from alchemove import discard_uncommitted
from fastapi import FastAPI
from sqlalchemy import select, text
from models import Post, Team, User
from session import get_sync_session

app = FastAPI()


@app.put("/anew")
def anew():
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = User(name="new")
        db.add(user)
        db.commit()
        db.refresh(user)
        return {"id": user.id, "logins": user.logins}


@app.put("/behind")
def behind():
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.name = "changed"
        db.commit()
        return {"name": user.name, "changed": user.changed_at is not None}  # stays: server-value


@app.put("/bulk")
def bulk():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        logins = user.logins
        db.execute(text("update users set logins = 70"))
        db.commit()
        return [logins, user.logins]


@app.put("/rounds")
def rounds():  # stays: stale-after-commit
    names = []
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        for number in (1, 2):
            db.execute(text(f"update users set logins = {number}"))
            db.commit()
            names.append(user.logins)
    return names


@app.put("/lazy")
def lazy():
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.logins = 8
        db.commit()
        return [p.title for p in user.posts]  # stays: shown-as-loaded


@app.put("/lists")
def lists():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        users = db.scalars(select(User).order_by(User.id)).all()
        for user in users:
            user.logins = 9
        db.commit()
        db.execute(text("update users set logins = 10"))
        db.commit()
        return [u.logins for u in users]


@app.put("/collection")
def collection():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        count = len(user.posts)
        db.add(Post(title="more", author_id=user.id))
        db.commit()
        return [count, len(user.posts)]


@app.put("/lost")
def lost():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.logins = 11
        db.commit()
        user.logins = 12
        db.flush()
        return user.logins


@app.put("/caught")
def caught():
    with get_sync_session() as db:
        discard_uncommitted(db)
        team = db.scalars(select(Team).limit(1)).first()
        try:
            db.add(Team(name=team.name))
            db.commit()
        except Exception:
            db.rollback()
            return {"known": team.name}
        return {"made": True}


def rename(db, user, name):  # stays: stale-after-commit
    user.name = name
    db.commit()


@app.put("/helper")
def helper():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        rename(db, user, "by a helper")
        db.execute(text("update users set name = 'other' where id = 1"))
        db.commit()
        return user.name


@app.put("/returned")
def returned():
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = User(name="shown")
        db.add(user)
        db.commit()
        db.refresh(user)
        return user


def made(name):
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = User(name=name)
        db.add(user)
        db.commit()
        db.refresh(user)
        return user


@app.put("/made")
def make():
    user = made("made")
    return {"id": user.id, "name": user.name}


@app.get("/all")
def everyone():
    with get_sync_session() as db:
        return [[u.id, u.name, u.logins] for u in db.scalars(select(User).order_by(User.id))]
