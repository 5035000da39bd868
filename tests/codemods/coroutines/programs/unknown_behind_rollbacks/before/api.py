"""What is read behind a rollback comes out of dictionaries, rows and functions: it may be an object, and is loaded again."""

from types import SimpleNamespace

from database import get_db
from fastapi import Depends, FastAPI, Request
from models import Tag, Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/by-name")
def by_name(db: Session = Depends(get_db)):
    users = {user.name: user for user in db.scalars(select(User).order_by(User.id)).all()}
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return {name: user.logins for name, user in users.items()}


@app.post("/rows")
def rows(db: Session = Depends(get_db)):
    found = db.execute(select(User, Team).join(Team).order_by(User.id)).all()
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return [[user.name, team.name] for user, team in found]


@app.post("/known")
def known(db: Session = Depends(get_db)):
    users = {}
    for user in db.scalars(select(User)):
        users[user.id] = user
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return [users[number].name for number in sorted(users)]


@app.post("/shown")
def shown(db: Session = Depends(get_db)):
    user = db.get(User, 1)

    def show():
        return user.name

    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return show()


@app.post("/state")
def state(request: Request, db: Session = Depends(get_db)):
    request.state.user = db.get(User, 1)
    return noted(request, db)


def noted(request: Request, db: Session):
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return request.state.user.name


CURRENT = SimpleNamespace()


@app.post("/current")
def current(db: Session = Depends(get_db)):
    CURRENT.user = db.get(User, 1)
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
    return CURRENT.user.name


@app.post("/nothing")
def nothing(db: Session = Depends(get_db)):
    """Nothing that was there before is read: the rollback stays what it is."""
    user = db.get(User, 1)
    name = user.name
    names = ["ada"]
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError as error:
        db.rollback()
        return [name.upper(), str(error.orig)[:0], [each.title() for each in names]]
    return None
