from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from deps import active_user, current_user, team, visitor
from models import Tag, Team, User

app = FastAPI()


def count(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(Tag)).all())


@app.get("/me")
def me(user: User = Depends(current_user), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/team")
def mine(user: User = Depends(active_user), found: Team = Depends(team), db: Session = Depends(get_db)):
    return [user.name, found.name, len(db.scalars(select(Tag)).all())]


@app.get("/visit")
def visit(name: str = Depends(visitor), db: Session = Depends(get_db)):  # stays: shared-request
    return [name, len(db.scalars(select(Tag)).all())]


@app.get("/count")
def counted(  # stays: session-for-later
    user: User = Depends(active_user),
    found: Team = Depends(team),
    name: str = Depends(visitor),
    db: Session = Depends(get_db),
):
    with ThreadPoolExecutor(1) as pool:
        return [user.name, found.name, name, pool.submit(count, db).result()]
