from typing import List

from database import get_db
from fastapi import Depends, FastAPI
from models import User
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session
from store import Service, Users, any_post, counted, everybody, first_post, oldest, post_of

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
    posts: List[PostOut]


@app.get("/users/{number}/name")
def name(number: int, db: Session = Depends(get_db)):
    return Service(db).user(number).name


@app.get("/users/{number}/logins")
def logins(number: int, db: Session = Depends(get_db)):
    return Service(db).checked(number, active=False).logins


@app.get("/users/{number}/known")
def known(number: int, db: Session = Depends(get_db)):
    return Users(db).find(number).id == number


@app.get("/users/{number}/whole", response_model=UserOut)
def whole(number: int, db: Session = Depends(get_db)):
    return Service(db).checked(number, active=True)


@app.get("/users/{number}/team")
def team(number: int, db: Session = Depends(get_db)):
    user = Users(db).find(number=number)
    return user.team.name


@app.get("/both")
def both(db: Session = Depends(get_db)):
    return [len(user.posts) for user in Users(db).named("ada", "ben")]


@app.get("/named")
def named(db: Session = Depends(get_db)):
    return [user.name for user in Users(db).named("ada", "ben")]


@app.get("/some")
def some(db: Session = Depends(get_db)):
    return [user.logins for user in Users(db).named("cleo")]


@app.get("/posts/{number}/author")
def author(number: int, db: Session = Depends(get_db)):
    return post_of(db, number, author_id=1).author.name  # stays: rarely-read


@app.get("/posts/{number}/title")
def title(number: int, db: Session = Depends(get_db)):
    return post_of(db, number).title


@app.get("/posts/{number}/again")
def again(number: int, db: Session = Depends(get_db)):
    return post_of(db, number).title


@app.get("/first/tags")
def first_tags(db: Session = Depends(get_db)):
    return [tag.name for tag in first_post(db).tags]  # stays: unknown-origin


@app.get("/first/title")
def first_title(db: Session = Depends(get_db)):
    return first_post(db).title


@app.get("/first/id")
def first_id(db: Session = Depends(get_db)):
    return first_post(db).id


@app.get("/last/tags")
def last_tags(db: Session = Depends(get_db)):
    return [tag.name for tag in any_post(db).tags]  # stays: rarely-read


@app.get("/last/title")
def last_title(db: Session = Depends(get_db)):
    return any_post(db).title


@app.get("/last/id")
def last_id(db: Session = Depends(get_db)):
    return any_post(db).id


def current(number: int, db: Session = Depends(get_db)) -> User:
    return db.scalars(select(User).where(User.id == number)).one()


@app.get("/current/{number}/titles")
def titles(user: User = Depends(current)):
    return [post.title for post in user.posts]  # stays: rarely-read


@app.get("/current/{number}/id")
def current_id(user: User = Depends(current)):
    return user.id


@app.get("/current/{number}/name")
def current_name(user: User = Depends(current)):
    return user.name


@app.get("/everybody/posts")
def posts_of_everybody(db: Session = Depends(get_db)):
    return [len(user.posts) for user in everybody(db)]


@app.get("/everybody/names")
def names_of_everybody(db: Session = Depends(get_db)):
    return sorted((user.name for user in everybody(db)), key=lambda name: oldest(db))


@app.get("/everybody/first")
def first_of_everybody(db: Session = Depends(get_db)):
    return sorted((1, 2), key=lambda number: oldest(db))


@app.get("/everybody/number")
def number_of_everybody(db: Session = Depends(get_db)):
    return sorted((1, 2), key=lambda number: counted(db))
