from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from deps import find_user, get_admin, get_count, get_current_user, get_team, visitor
from handlers import HANDLERS, first_tag
from models import Post, Tag, User

app = FastAPI()


@app.get("/me")
def me(user: User = Depends(get_current_user)):
    return user.name


@app.post("/posts")
def create(title: str, user: User = Depends(get_admin), db: Session = Depends(get_db)):
    db.add(Post(title=title, author_id=user.id))
    db.commit()
    return db.scalar(select(func.count(Post.id)))


@app.post("/logins")
def log_in(user: User = Depends(get_current_user), db: Session = Depends(get_db)):
    db.add(user)
    user.logins += 1
    db.commit()
    return [user.logins, find_user(db, "ben").name]


@app.get("/team")
async def team(name: str = Depends(get_team), count: int = Depends(get_count), db: Session = Depends(get_db)):
    return [name, count, db.scalar(select(func.count(Tag.id)))]


@app.get("/visitor")
def visited(name: str = Depends(visitor), db: Session = Depends(get_db)):  # stays: shared-request
    return [name, db.scalar(select(func.count(Tag.id)))]


@app.get("/first")
def first(tag: str = Depends(first_tag), db: Session = Depends(get_db)):
    return [tag, db.scalar(select(func.count(Tag.id))), sorted(HANDLERS)]
