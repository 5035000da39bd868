from collections.abc import Iterator
from contextlib import suppress

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Response
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import crud
from database import get_db
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
def create_team(name: str, db: Session = Depends(get_db)):
    return crud.create_team(db, name)


@app.post("/users", response_model=UserOut)
def create_user(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise HTTPException(409)
    db.refresh(user)
    return user


@app.post("/members", response_model=Member)
def create_member(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


@app.post("/shouted", response_model=Shouted)
def shouted(name: str, db: Session = Depends(get_db)):
    team = Team(name=name)
    db.add(team)
    db.commit()
    db.refresh(team)
    return team


@app.post("/tags")
def tag(name: str, db: Session = Depends(get_db)):
    crud.add_tag(db, name)
    if name == "news":
        return {"known": name}
    return {"ok": True, "text": f"{name} is there"}


def token(given: str | None = Depends(OAuth2PasswordBearer(tokenUrl="token", auto_error=False))) -> str:
    return given or "nobody"


@app.delete("/tags/{tag_id}", status_code=204)
def delete_tag(tag_id: int, db: Session = Depends(get_db), who: str = Depends(token)) -> None:
    db.delete(db.get(Tag, tag_id))
    db.commit()


@app.post("/checked")
def checked(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    if name == "bad":
        raise HTTPException(400)
    return {"ok": True}


@app.post("/told")
def told(name: str, background: BackgroundTasks, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    background.add_task(sent.append, name)
    return {"ok": True}


@app.post("/sent")
def send(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    sent.append(name)
    return {"ok": True}


@app.post("/twice")
def twice(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    db.add(Team(name=name))
    db.commit()
    return {"ok": True}


@app.post("/each")
def each(names: str, db: Session = Depends(get_db)):
    for name in names.split(","):
        db.add(Team(name=name))
        db.commit()
    return {"ok": True}


@app.post("/suppressed")
def suppressed(name: str, db: Session = Depends(get_db)):
    with suppress(KeyError):
        db.add(Tag(name=name))
        db.commit()
    return {"ok": True}


@app.put("/teams/{team_id}", response_model=TeamOut)
def rename(team_id: int, name: str, db: Session = Depends(get_db)):
    return crud.rename_team(db, team_id, name)


@app.put("/teams/{team_id}/checked", response_model=TeamOut)
def rename_checked(team_id: int, name: str, db: Session = Depends(get_db)):
    team = crud.rename_team(db, team_id, name)
    if len(team.name) > 10:
        raise HTTPException(400)
    return team


def watching() -> Iterator[str]:
    yield "watcher"
    sent.append("the end")


def watched(name: str = Depends(watching)) -> str:
    return name


def watched_user(db: Session = Depends(get_db)) -> Iterator[str]:
    yield crud.user_named(db, "ada").name
    sent.append("the end of ada")


@app.get("/watched")
def with_a_session(watcher: str = Depends(watched_user), db: Session = Depends(get_db)):
    return [watcher, db.get(Tag, 2).name]


class Holding:
    def __init__(self, db: Session):
        self.db = db


def holding(db: Session = Depends(get_db)) -> Iterator[Holding]:
    yield Holding(db)


@app.get("/held")
def held(found: Holding = Depends(holding), db: Session = Depends(get_db)):
    return [found.db is db, db.get(Tag, 2).name]


@app.post("/watched")
def with_another(name: str, watcher: str = Depends(watched), db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    return {"watcher": watcher}


@app.post("/plain")
def plain(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    return Response(status_code=201)
