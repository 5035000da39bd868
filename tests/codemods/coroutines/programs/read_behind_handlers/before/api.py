"""Objects that are read where an exception from behind a rollback is caught, in a ``finally``, or in the same expression."""

from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from helpers import Clash, each_user, found, kept, managed, saved, strict, told, wrapped
from models import Tag, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


class Context:
    user = None


CONTEXT = Context()
SEEN = []


@app.post("/raised")
def raised(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        try:
            db.add(Tag(name=None))
            db.commit()
        except IntegrityError:
            db.rollback()
            raise ValueError("no name")
    except ValueError as error:
        return [user.name, str(error)]


@app.post("/at-last")
def at_last(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
        return SEEN
    finally:
        SEEN.append(user.name)


@app.post("/strict")
def by_caller(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        strict(db)
    except Clash:
        return user.name


@app.post("/again")
def again(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        saved(db)
    except IntegrityError as error:
        raise HTTPException(409, user.name) from error


@app.post("/beside")
def beside(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    return [kept(db), user.name]


@app.post("/chosen")
def chosen(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    return user.name if not kept(db) else None


@app.post("/branch")
def branch(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    names = []
    if not kept(db):
        names.append(user.name)
    return names


@app.post("/each")
def each(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    return [user.name for user in users if not kept(db)]


@app.post("/returned")
def returned(db: Session = Depends(get_db)):
    return found(db, 1).name


@app.post("/around")
def around(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    wrapped(db)
    return user.name


@app.post("/quiet")
def quiet(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    told(db=db)
    return user.name


@app.post("/one-by-one")
def one_by_one(db: Session = Depends(get_db)):
    return [user.name for user in each_user(db)]


@app.post("/managed")
def by_manager(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        with managed(db):
            db.add(Tag(name=None))
    except IntegrityError:
        return user.name


@app.post("/context")
def context(db: Session = Depends(get_db)):
    CONTEXT.user = db.get(User, 1)
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return CONTEXT.user.name


@app.post("/nothing")
def nothing(db: Session = Depends(get_db)):
    """What catches the exception reads nothing, and what reads cannot catch it: the rollback stays what it is."""
    user = db.get(User, 1)
    try:
        try:
            db.add(Tag(name=None))
            db.commit()
        except IntegrityError:
            db.rollback()
            raise HTTPException(409, "no name")
    except ValueError:
        return user.name
    except HTTPException as error:
        return error.detail
