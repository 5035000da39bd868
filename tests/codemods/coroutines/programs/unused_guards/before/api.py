from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from guards import Allowed, Permissions, can, current_user
from models import Post, User

app = FastAPI()


@app.get("/posts")
def posts(written: int = Depends(can("read")), page: int = Depends(lambda: 1), db: Session = Depends(get_db)):
    return [written, page, list(db.scalars(select(Post.title).order_by(Post.id).limit(2)))]


@app.post("/posts")
def create(title: str, user: User = Depends(current_user), db: Session = Depends(get_db)):
    permissions = Permissions(user)
    if not permissions.can("write"):
        return "no"
    db.add(Post(title=title, author_id=user.id))
    db.commit()
    return len(user.posts)


@app.get("/first")
def first(title: Allowed = Depends(Allowed("read")), db: Session = Depends(get_db)):
    return [title, db.scalars(select(Post.title).order_by(Post.id)).first()]


@app.get("/last")
def last(permission: str, allowed: Allowed = Depends(), user: User = Depends(current_user), db: Session = Depends(get_db)):
    return allowed(user, db)
