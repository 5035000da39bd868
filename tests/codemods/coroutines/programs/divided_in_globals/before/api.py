from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from database import get_db
from deps import Ada, Bob, Some, few, only_ada, require_ada, require_some, same_user, some
from models import Tag, User

app = FastAPI()


def count(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(Tag)).all())


def elsewhere(db: Session) -> int:  # stays: shared-request
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(count, db).result()


@app.get("/ada")
def ada(user: User = Depends(only_ada), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/some")
def of_some(user: User = Depends(some), other: User = Depends(require_some), db: Session = Depends(get_db)):
    return [user.name, other.name, len(db.scalars(select(Tag)).all())]


@app.get("/named")
def named(user: Some, other: User = Bob, db: Session = Depends(get_db)):
    return [user.name, other.name, len(db.scalars(select(Tag)).all())]


@app.get("/alias")
def alias(user: Ada, db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/same")
def same(user: User = Depends(same_user), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/count/ada")
def count_ada(user: User = Depends(deps.only_ada), db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/some")
def count_some(  # stays: session-for-later
    user: User = Depends(some), other: User = Depends(require_some), db: Session = Depends(get_db)
):
    return [user.name, other.name, elsewhere(db)]


@app.get("/count/named")
def count_named(user: Some, other: User = Depends(require_ada), db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, other.name, elsewhere(db)]


@app.get("/count/bob")
def count_bob(user: User = Bob, db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/alias")
def count_alias(user: Ada, db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/inline")
def count_inline(  # stays: session-for-later
    user: User = Depends(deps.Named("ada", "bob")), db: Session = Depends(get_db)
):
    return [user.name, elsewhere(db)]


@app.get("/few")
def counted(number: int = Depends(few), db: Session = Depends(get_db)):  # stays: shared-request
    return [number, len(db.scalars(select(Tag)).all())]


@app.get("/count/few")
def count_few(number: int = Depends(few), db: Session = Depends(get_db)):  # stays: shared-request
    return [number, elsewhere(db)]
