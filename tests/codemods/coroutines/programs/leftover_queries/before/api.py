from typing import List

from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from models import Post, Tag, Team, User
from pydantic import BaseModel, ConfigDict
from queries import Posts, Users, narrowed, of_author, paged, posts
from sqlalchemy import func, select
from sqlalchemy.orm import Session

app = FastAPI()


class TagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    tags: List[TagOut]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class Full(PostOut):
    author: UserOut


@app.get("/of/{number}", response_model=List[PostOut])
def of(number: int, db: Session = Depends(get_db)):
    return of_author(db, number).order_by(Post.id).all()


@app.get("/both", response_model=List[Full])
def both(db: Session = Depends(get_db)):
    return of_author(db, 1).union(of_author(db, 3)).order_by(Post.id).all()


@app.get("/narrowed")
def narrow(db: Session = Depends(get_db)):
    found = narrowed(narrowed(posts(db), "one"), "two").order_by(Post.id).all()
    return [post.author.name for post in found]


@app.get("/paged")
def page(db: Session = Depends(get_db)):
    return [[tag.name for tag in post.tags] for post in paged(of_author(db, 1), 2)["items"]]  # stays: unknown-origin


@app.get("/count")
def count(db: Session = Depends(get_db)):
    return of_author(db, 1).count()


@app.get("/titles/{number}")
def titles(number: int, db: Session = Depends(get_db)):
    found = Users(db).find(number)  # of two methods of this name, the one of its class
    return [post.title for post in found.posts]


@app.post("/move/{number}", response_model=Full)
def move(number: int, author: int, db: Session = Depends(get_db)):
    post = Posts(db).find(number)
    user = db.get(User, author)
    if user is None:
        raise HTTPException(404)
    try:
        post.author = user
        db.add(Team(name="green"))
        db.commit()
    except Exception:
        db.rollback()
        raise
    return post


@app.post("/tag/{number}", response_model=Full)
def tag(number: int, db: Session = Depends(get_db)):
    post = db.query(Post).filter(Post.id == number).first()
    try:
        post.tags.append(Tag(name="late"))  # stays: written-between
        db.commit()
    except Exception:
        db.rollback()
        raise
    return post


@app.post("/try/{number}")
def attempt(number: int, db: Session = Depends(get_db)):
    post = db.query(Post).filter(Post.id == number).first()
    try:
        post.title = None
        db.commit()
    except Exception:
        db.rollback()
    return post.author.name  # stays: written-between


@app.get("/fresh")
def fresh(db: Session = Depends(get_db)):
    statement = select(Post).order_by(Post.id).execution_options(populate_existing=True)
    return [[post.author.name, len(post.tags)] for post in db.scalars(statement)]


@app.post("/fresh/{number}")
def freshened(number: int, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == number)).one()
    user.logins = 5
    statement = select(Post).where(Post.author_id == number).execution_options(populate_existing=True, autoflush=False)
    found = [post.author.logins for post in db.scalars(statement)]  # stays: statement-form
    db.commit()
    return found


@app.get("/users")
def users(db: Session = Depends(get_db)):
    return db.scalar(select(func.count(User.id)))


def named(db: Session):  # stays: awaited-inside
    return db.query(User).filter(User.name > "").order_by(User.id)


@app.get("/gone-through")
def gone_through(db: Session = Depends(get_db)):
    found = named(db)
    return [[post.title for post in user.posts] for user in found] + [user.name for user in named(db).limit(2)]


@app.get("/indexed")
def indexed(db: Session = Depends(get_db)):
    first, *others = named(db)
    return [named(db)[1].name, len(named(db)[:2]), first.name, len(others), first in named(db)]


@app.get("/numbered")
def numbered(db: Session = Depends(get_db)):
    return [[number, user.name] for number, user in enumerate(named(db))] + [len([*named(db)])]
