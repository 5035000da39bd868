from itertools import groupby

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Post, User

app = FastAPI()
log = []


def posts_of(db: Session, user: User) -> int:  # stays: deferred
    return db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


def users_of(db: Session) -> list[User]:  # stays: awaited-inside
    return db.scalars(select(User).order_by(User.id)).all()


def in_another_transaction() -> int:  # stays: sync-session
    with SessionLocal() as db:
        return db.scalar(select(func.count(User.id)))


def remember(count: int) -> None:
    log.append(count)


@app.get("/busy")
def busy(db: Session = Depends(get_db)):
    users = sorted(users_of(db), key=lambda user: (-posts_of(db, user), user.name))
    return {"names": [user.name for user in users], "total": sum(posts_of(db, user) for user in users)}


@app.get("/nested")
def nested(db: Session = Depends(get_db)):
    def name_of(ident: int) -> str:
        return db.get(User, ident).name

    return [name_of(1), name_of(2)]


@app.post("/count")
def count(background: BackgroundTasks, db: Session = Depends(get_db)):
    found = db.scalar(select(func.count(User.id)))
    background.add_task(remember, found)
    return {"here": found, "there": in_another_transaction()}


@app.get("/existing")
async def existing(db: Session = Depends(get_db)):
    return [user.name for user in users_of(db)]


@app.get("/mapped")
def mapped(db: Session = Depends(get_db)):
    return [name.upper() for name in map(lambda ident: db.get(User, ident).name, [1, 2])]


@app.get("/grouped")
def grouped(db: Session = Depends(get_db)):
    users = users_of(db)
    return {team: [user.name for user in group] for team, group in groupby(users, key=lambda user: user.team.name)}


@app.get("/found")
def found(name: str, db: Session = Depends(get_db)):
    return [name in (user.team.name for user in users_of(db)), *(posts_of(db, user) for user in users_of(db))]
