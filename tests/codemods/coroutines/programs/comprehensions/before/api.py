from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Team, User

app = FastAPI()


def posts_of(db: Session, user: User) -> int:
    return db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


def label(db: Session, user: User) -> str:
    return f"{user.name}: {posts_of(db, user)}"


def users_of(db: Session) -> list[User]:
    return list(db.scalars(select(User).order_by(User.id)))


def is_idle(db: Session, user: User) -> bool:  # stays: deferred
    return db.scalar(select(Post.id).where(Post.author_id == user.id).limit(1)) is None


def members(db: Session, team: Team) -> list[str]:  # stays: deferred
    return list(db.scalars(select(User.name).where(User.team_id == team.id).order_by(User.id)))


def seen(db: Session, user: User) -> int:  # stays: deferred
    return db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


@app.get("/figures")
def figures(db: Session = Depends(get_db)):
    users = users_of(db)
    return {
        "total": sum(posts_of(db, user) for user in users),
        "some": sum((posts_of(db, user) for user in users if posts_of(db, user)), 100),
        "sorted": sorted((label(db, user) for user in users_of(db)), reverse=True),
        "most": max(posts_of(db, user) for user in users),
        "joined": ", ".join(label(db, user) for user in users),
        "by name": dict((user.name, posts_of(db, user)) for user in users),
        "as list": list(label(db, user) for user in users),
        "as set": len(set(posts_of(db, user) for user in users)),
        "listed": [label(db, user) for user in users if posts_of(db, user)],
        "no wait": sum(len(name) for name in (user.name for user in users_of(db))),
    }


@app.get("/lazily")
def lazily(db: Session = Depends(get_db)):
    users = users_of(db)
    return {"idle": any(is_idle(db, user) for user in users)}


@app.get("/later")
def kept(db: Session = Depends(get_db)):  # stays: consumed-generator
    later = (seen(db, user) for user in db.scalars(select(User)))
    return {"first": next(later, None)}


@app.get("/nested")
def nested(db: Session = Depends(get_db)):
    teams = db.scalars(select(Team).order_by(Team.id)).all()
    return [[name.title() for name in members(db, team)] + [len(members(db, t)) for t in teams] for team in teams]
