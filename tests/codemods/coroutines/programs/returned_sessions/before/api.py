from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deps import get_closed, get_made, get_of_thread, get_returned, get_used
from models import Post, Tag, User

app = FastAPI()
seen: list[str] = []


def current_user(name: str = "ada", db: Session = Depends(get_returned)) -> User:
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401)
    return user


@app.get("/posts")
def posts(user: User = Depends(current_user), db: Session = Depends(get_returned)):
    return [user in db, [post.title for post in user.posts]]


@app.post("/posts")
def create(title: str, commit: bool = True, user: User = Depends(current_user), db: Session = Depends(get_returned)):
    post = Post(title=title, author_id=user.id)
    db.add(post)
    if title == "wrong":
        raise HTTPException(409, title)
    if commit:
        db.commit()
        db.refresh(post)
    else:
        db.flush()
    return [post.title, post.author.name]  # stays: new-object


@app.get("/count")
def count(db: Session = Depends(get_closed)):
    return db.scalar(select(func.count(Post.id)))


@app.post("/tags")
def tag(name: str, tasks: BackgroundTasks, db: Session = Depends(get_closed)):
    db.add(Tag(name=name))
    db.commit()
    tasks.add_task(seen.append, name)
    return name


@app.get("/tags")
def tags(db: Session = Depends(get_closed)):
    return [seen, db.scalars(select(Tag.name).order_by(Tag.id)).all()]


@app.get("/made")
def made(db: Session = Depends(get_made)):
    db.add(Tag(name="made"))
    return db.scalar(select(func.count(Tag.id)))


@app.get("/thread")
def thread(db: Session = Depends(get_of_thread)):  # stays: custom-dependency
    return db.scalar(select(func.count(Tag.id)))


@app.get("/used")
def used(db: Session = Depends(get_used)):  # stays: custom-dependency
    return db.scalar(select(func.count(Tag.id)))
