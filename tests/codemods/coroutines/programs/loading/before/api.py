from typing import List, Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from database import get_db
from models import Post, Team, User

app = FastAPI()


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TeamOut(Out):
    name: str


class UserOut(Out):
    name: str
    team: Optional[TeamOut]
    titles: List[str]


class PostOut(Out):
    title: str
    author: UserOut


class Page(BaseModel):
    items: List[PostOut]
    total: int


class Plain(Out):
    name: str


def load(db: Session, name: str) -> User:
    return db.scalars(select(User).where(User.name == name)).one()


@app.get("/teams/{name}")
def team(name: str, db: Session = Depends(get_db)):
    found = db.scalars(select(Team).where(Team.name == name)).first()
    return {"members": [user.name for user in found.users], "first": found.users[0].posts[0].title}


@app.get("/teams/{name}/eager")
def eager(name: str, db: Session = Depends(get_db)):
    statement = select(Team).where(Team.name == name).options(selectinload(Team.users).selectinload(User.posts))
    return [len(user.posts) for user in db.scalars(statement).one().users]


@app.get("/rows")
def rows(db: Session = Depends(get_db)):
    found = db.execute(select(User, Post).join(Post, Post.author_id == User.id).order_by(Post.id)).all()
    return [[user.team.name, post.author.name, post.title] for user, post in found]


@app.get("/users/{name}", response_model=UserOut)
def user(name: str, db: Session = Depends(get_db)):
    return load(db, name)


@app.get("/plain/{name}", response_model=Plain)
def plain(name: str, db: Session = Depends(get_db)):
    return load(db, name)


@app.get("/posts", response_model=List[PostOut])
def posts(db: Session = Depends(get_db)):
    return db.scalars(select(Post).order_by(Post.id).options(joinedload(Post.author))).all()


@app.get("/page")
def page(db: Session = Depends(get_db)) -> Page:
    items = db.scalars(select(Post).order_by(Post.id)).all()
    return {"items": items, "total": len(items)}


@app.post("/users/{name}/rename")
def rename(name: str, to: str, db: Session = Depends(get_db)):
    found = load(db, name)
    found.name = to
    db.commit()
    return {"changed": found.changed_at is not None, "name": found.name, "titles": found.titles}


@app.post("/users")
def create(name: str, db: Session = Depends(get_db)):
    made = User(name=name)
    db.add(made)
    db.commit()
    return {"posts": len(made.posts), "team": made.team is None}
