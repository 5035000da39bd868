"""Objects that a session goes on with behind a commit, while another session changes their rows."""

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from alchemove import discard_uncommitted
from database import get_db
from models import Tag, User
from session import get_sync_session

app = FastAPI()


def counted(key):  # stays: stale-after-commit
    with get_sync_session() as own:
        user = own.get(User, key)
        user.logins += 1


def noted(name):
    with get_sync_session() as own:
        own.add(Tag(name=name))


@app.put("/kept")
def kept(db: Session = Depends(get_db)):  # stays: stale-after-commit
    user = db.get(User, 1)
    user.name = "changed"
    db.commit()
    counted(1)
    return {"name": user.name, "logins": user.logins}


@app.put("/before")
def before(db: Session = Depends(get_db)):  # stays: stale-after-commit
    user = db.get(User, 1)
    first = user.logins
    counted(1)
    user.name = "again"
    db.commit()
    return [first, user.logins]


@app.put("/anew")
def anew(db: Session = Depends(get_db)):
    user = db.get(User, 2)
    first = user.logins
    db.commit()
    counted(2)
    user = db.get(User, 2)
    return [first, user.logins]


@app.put("/inside")
def inside():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.logins = 12
        db.commit()
        with get_sync_session() as other:
            same = other.get(User, 1)
            same.logins += 1
        return {"logins": user.logins}


@app.put("/uncommitted")
def uncommitted(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    first = user.logins
    counted(1)
    return [first, user.logins]


@app.put("/others")
def others(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.logins = 40
    db.commit()
    noted("others")
    return {"name": user.name, "logins": user.logins}


@app.get("/all")
def everyone(db: Session = Depends(get_db)):
    return [[u.id, u.name, u.logins] for u in db.scalars(select(User).order_by(User.id))]
