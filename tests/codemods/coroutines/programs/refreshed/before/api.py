from datetime import datetime
from typing import List, Optional

from crud import created, drop, publish, rename
from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from models import Post, Tag, Team, User
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, update
from sqlalchemy.orm import Session

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    changed_at: Optional[datetime]


class Whole(UserOut):
    team: Optional[TeamOut]
    posts: List[PostOut]


@app.post("/users/{name}", response_model=Whole, response_model_exclude={"changed_at"})
def create(name: str, db: Session = Depends(get_db)):
    user = User(name=name, team_id=1)
    db.add(user)
    db.commit()
    db.refresh(user)  # its columns
    return user


@app.post("/flushed/{name}")
def flushed(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    db.flush()
    found = [user.team, len(user.posts)]
    db.commit()
    return found


@app.post("/counted/{name}")
def counted(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    db.flush()
    found = [user.team is None, len(user.posts)]
    db.commit()
    return found


@app.post("/given/{name}")
def given(name: str, db: Session = Depends(get_db)):
    user = User(name=name, posts=[Post(title="b"), Post(title="a")])
    db.add(user)
    db.flush()
    return [post.title for post in user.posts]  # it has what it was given  # stays: new-object


@app.post("/any/{name}")
def anything(name: str, db: Session = Depends(get_db)):
    user = created(db, User, name=name)
    db.commit()
    return user.team  # stays: unknown-origin


@app.post("/posts/{title}")
def write(title: str, db: Session = Depends(get_db)):
    post = publish(db, title, 1)
    return [post.author.name, len(post.tags)]


@app.post("/rename/{number}/{name}", response_model=UserOut, response_model_exclude={"changed_at"})
def renamed(number: int, name: str, db: Session = Depends(get_db)):
    return rename(db, number, name)


@app.patch("/users/{number}")
def move(number: int, team: int, db: Session = Depends(get_db)):
    user = db.get(User, number)
    if user is None:
        raise HTTPException(404)
    user.team_id = team
    db.commit()
    return [user.team.name, user.changed_at is not None]


@app.patch("/maybe/{number}")
def maybe(number: int, db: Session = Depends(get_db)):
    user = db.get(User, number)
    db.commit()
    return user.team.name if user else None


@app.post("/later/{name}")
def later(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    db.commit()
    db.add(Post(title="late", author_id=user.id))
    db.flush()
    return [post.title for post in user.posts]  # stays: new-object


@app.post("/each")
def each(names: List[str], db: Session = Depends(get_db)):
    found = []
    for name in names:
        user = User(name=name)
        db.add(user)
        db.commit()
        found.append(len(user.posts))
    return found


@app.post("/one-line/{name}")
def one_line(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user); db.commit()
    return len(user.posts)  # stays: new-object


@app.get("/users/{number}", response_model=UserOut, response_model_exclude={"changed_at"})
def read(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(User).where(User.id == number)).one()


@app.get("/users", response_model=List[UserOut], response_model_exclude={"__all__": {"changed_at"}})
def users(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()


@app.get("/teams/{number}")
def team(number: int, db: Session = Depends(get_db)):
    found = db.scalars(select(Team).where(Team.id == number)).one()
    return [user.changed_at is None for user in found.users]  # stays: shown-as-loaded


@app.post("/touch/{number}")
def touch(number: int, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == number)).one()
    user.logins += 1
    db.flush()
    when = user.changed_at
    db.commit()
    return when is None


@app.post("/everybody")
def everybody(db: Session = Depends(get_db)):
    user = db.scalars(select(User).order_by(User.id)).first()
    db.execute(update(User).values(logins=7))
    return user.changed_at is None  # stays: server-value


@app.post("/tagged/{number}")
def tagged(number: int, db: Session = Depends(get_db)):
    post = db.scalars(select(Post).where(Post.id == number)).one()
    post.tags.append(Tag(name="more"))  # stays: written-between
    db.commit()
    return [tag.name for tag in post.tags]


@app.post("/gone/{name}")
def gone(name: str, db: Session = Depends(get_db)):
    team = Team(name=name)
    db.add(team)
    db.commit()
    db.delete(team)
    db.commit()
    return len(team.users)  # stays: new-object


@app.post("/dropped/{name}")
def dropped(name: str, db: Session = Depends(get_db)):
    team = Team(name=name)
    db.add(team)
    db.commit()
    drop(db, team)
    db.commit()
    return len(team.users)  # stays: new-object


@app.post("/kept/{name}")
def kept(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    other = User(name=name + "2")
    db.add_all([user, other])
    db.commit()
    db.delete(other)
    db.commit()
    return len(user.posts)
