from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from guards import Permissions, can, current_user
from models import Post, User

app = FastAPI()


@app.get("/posts")
def posts(written: int = Depends(can("read")), db: Session = Depends(get_db)):
    return [written, list(db.scalars(select(Post.title).order_by(Post.id).limit(2)))]


@app.post("/posts")
def create(title: str, user: User = Depends(current_user), db: Session = Depends(get_db)):
    permissions = Permissions(user)
    if not permissions.can("write"):
        return "no"
    db.add(Post(title=title, author_id=user.id))
    db.commit()
    return len(user.posts)
