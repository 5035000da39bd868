from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from database import get_db
from deps import (
    CurrentUser,
    Named,
    Tags,
    Teams,
    called,
    counting,
    current_user,
    key,
    known_user,
    named_in,
    tags,
    team_of,
    teams,
    visitor,
    waiting_user,
)
from models import Tag, User

app = FastAPI()


def count(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(Tag)).all())


@app.get("/me")
def me(user: User = Depends(current_user)):
    return [user.name, user.logins]


@app.get("/team")
def team(user: CurrentUser, db: Session = Depends(get_db), names: list = Depends(team_of)):
    return [user.name, names, len(db.scalars(select(Tag)).all())]


@app.get("/first")
def first(user: User = Depends(named_in(1)), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/count")
def counted(user: CurrentUser, db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, user.logins, pool.submit(count, db).result()]


@app.get("/count/team")
def counted_team(  # stays: session-for-later
    names: list = Depends(deps.team_of), user: User = Named, db: Session = Depends(get_db)
):
    with ThreadPoolExecutor(1) as pool:
        return [user.name, names, pool.submit(count, db).result()]


@app.get("/count/first")
def counted_first(user: User = Depends(named_in(1)), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, user.logins, pool.submit(count, db).result()]


@app.get("/name")
def name(found: str = Depends(called("ADA", "bob", ignore_case=True)), user: User = Depends(waiting_user)):
    return [found, user.name]


@app.get("/count/name")
def counted_name(  # stays: session-for-later
    found: str = Depends(called("ada")), user: User = Depends(waiting_user), db: Session = Depends(get_db)
):
    with ThreadPoolExecutor(1) as pool:
        return [found, user.name, pool.submit(count, db).result()]


@app.get("/known")
def known(user: User = Depends(known_user), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(Tag)).all())]


@app.get("/seen", dependencies=[Depends(visitor)])
def seen(db: Session = Depends(get_db)):
    return len(db.scalars(select(Tag)).all())


@app.get("/visit")
def visit(number: int = Depends(visitor), db: Session = Depends(get_db)):  # stays: shared-request
    return [number, len(db.scalars(select(Tag)).all())]


@app.get("/count/visit", dependencies=[Depends(visitor)])
def counted_visit(number: int = Depends(visitor), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [number, pool.submit(count, db).result()]


@app.get("/tags")
def named_tags(found: Tags = Depends(tags), db: Session = Depends(get_db)):
    return [found.names(), len(db.scalars(select(Tag)).all())]


@app.get("/count/tags")
def counted_tags(found: Tags = Depends(tags), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [found.names(), pool.submit(count, db).result()]


@app.get("/counting")
def counts(of=Depends(counting), db: Session = Depends(get_db)):
    return [of(Tag), len(db.scalars(select(Tag)).all())]


@app.get("/count/counting")
def counted_counts(of=Depends(counting), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [of(Tag), pool.submit(count, db).result()]


@app.get("/teams")
async def named_teams(found: Teams = Depends(teams), db: Session = Depends(get_db)):  # stays: shared-request
    return [await found.names(), len(db.scalars(select(Tag)).all())]


@app.get("/count/teams")
async def counted_teams(found: Teams = Depends(teams), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [await found.names(), pool.submit(count, db).result()]


@app.get("/key")
def keyed(user: User = Depends(key), db: Session = Depends(get_db)):
    tag = db.get(Tag, 1)
    return [user.name, tag.name]


@app.get("/count/key")
def counted_key(user: User = Depends(key), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(count, db).result()]
