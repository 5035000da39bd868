from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from guards import author
from models import Post, User

app = FastAPI()


@app.get("/posts")
def posts(user: User = Depends(author), db: Session = Depends(get_db)):
    return [user.name, list(db.scalars(select(Post.title).order_by(Post.id).limit(2)))]
