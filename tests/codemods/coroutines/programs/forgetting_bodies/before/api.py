"""Endpoints that read after a commit what may have changed, where no line for a refresh is found."""

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from crud import create, created, named, rename, titles
from database import get_db
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


def current(number: int = 1, db: Session = Depends(get_db)) -> User:
    user = db.get(User, number)
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
def renamed(name: str, user: User = Depends(current), db: Session = Depends(get_db)):
    """What a helper changes behind the object is read of it."""
    before = user.name
    rename(db, user.id, name)
    if user.name == before:
        raise HTTPException(409)
    return user


@app.put("/twice")
def twice(name: str, user: User = Depends(current), db: Session = Depends(get_db)):
    first = titles(db, user)
    second = titles(db, user)
    user.name = name
    db.commit()
    rename(db, user.id, f"{user.name}!")
    return {"first": first, "second": second, "name": user.name, "result": len(user.posts)}


@app.put("/page", response_model=PageOut)
def page(name: str, user: User = Depends(current), db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    rename(db, user.id, name)
    return {"total": len(users), "users": users}


@app.put("/counts/{number}")
def counts(number: int, name: str, db: Session = Depends(get_db)):
    """Nothing that it returns is an object."""
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


@app.put("/told")
def told(name: str, tasks: BackgroundTasks, user: User = Depends(current), db: Session = Depends(get_db)):
    rename(db, user.id, name)
    tasks.add_task(note, user.name)
    return user.name


@app.get("/log")
def read_log():
    return log


@app.post("/bare")
def bare(name: str, db: Session = Depends(get_db)):
    """The answer is what is loaded: nothing."""
    team = Team(name=name)
    db.add(team)
    db.commit()
    return team


@app.post("/given")
def given_by_a_helper(name: str, db: Session = Depends(get_db)):
    return {"team": create(db, name)}


@app.post("/encoded")
def encoded(name: str, db: Session = Depends(get_db)):
    team = create(db, name)
    tags = db.scalars(select(Tag).order_by(Tag.id)).all()
    return [jsonable_encoder(team), [vars(tag).keys() >= {"name"} for tag in tags]]


@app.post("/read")
def read_before(name: str, db: Session = Depends(get_db)):
    team = create(db, name)
    if team.id == 0:
        raise HTTPException(404)
    return team


@app.post("/fresh")
def refreshed_by_a_helper(name: str, db: Session = Depends(get_db)):
    return created(db, name)


@app.put("/named/{number}")
def refreshed_where_it_is_committed(number: int, name: str, db: Session = Depends(get_db)):
    return named(db, number, name)


@app.post("/related")
def read_by_a_relationship(name: str, db: Session = Depends(get_db)):
    """Reading a relationship reads the object again as well."""
    team = Team(name=name)
    db.add(team)
    db.commit()
    if team.users:
        raise HTTPException(409)
    return team


@app.post("/queried")
def queried_again(name: str, db: Session = Depends(get_db)):
    team = Team(name=name)
    db.add(team)
    db.commit()
    number = len(db.scalars(select(Team)).all())
    return {"number": number, "team": team}


@app.delete("/gone")
def gone(db: Session = Depends(get_db)):
    """A commit leaves what was deleted as it is."""
    tag = Tag(name="gone")
    db.add(tag)
    db.flush()
    db.delete(tag)
    db.commit()
    return tag


@app.put("/modelled", response_model=TeamOut)
def modelled(name: str, db: Session = Depends(get_db)):
    return create(db, name)


@app.post("/tags/shown")
def shown_after_it_was_read(db: Session = Depends(get_db)):
    """Another name has loaded it again."""
    tags = db.scalars(select(Tag).order_by(Tag.id)).all()
    tag = db.scalars(select(Tag).order_by(Tag.id).limit(1)).one()
    tag.name = "shown"
    db.commit()
    assert [each.name for each in tags]
    return tag


@app.post("/tags/bare")
def shown_bare(db: Session = Depends(get_db)):
    tag = db.scalars(select(Tag).order_by(Tag.id).limit(1)).one()
    tag.name = "bare"
    db.commit()
    return tag
