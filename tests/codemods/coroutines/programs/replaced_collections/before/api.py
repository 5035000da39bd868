from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Tag, Team, User

app = FastAPI()


def _(text: str) -> str:
    return text.upper()


def tag(db: Session, post: Post, *names: str) -> Post:
    tags = [Tag(name=name) for name in names]
    post.tags = tags
    db.commit()
    return post


@app.post("/tagged")
def tagged(db: Session = Depends(get_db)):
    post = tag(db, db.get(Post, 1), "fresh", "new")
    return [t.name for t in post.tags]


@app.post("/queried")
def queried(db: Session = Depends(get_db)):
    post = db.get(Post, 2)
    post.tags = db.scalars(select(Tag).where(Tag.name != "news").order_by(Tag.id)).all()
    db.commit()
    return [t.name for t in post.tags]


@app.post("/translated")
def translated(db: Session = Depends(get_db)):
    post = db.get(Post, 3)
    post.tags = [Tag(name=_("loud"))]
    db.commit()
    return [t.name for t in post.tags]


@app.post("/made")
def made(db: Session = Depends(get_db)):
    post = Post(title="made", author_id=1)
    post.tags = [Tag(name="first")]
    db.add(post)
    db.commit()
    return len(post.tags)


@app.post("/moved")
def moved(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.team = db.get(Team, 2)
    db.commit()
    return user.team_id
