from contextlib import suppress

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blocks import Posts, committed, counting, forgiving, guarded, locked, names, on_its_own, stepwise, streaming, tags, titles
from database import get_db
from models import Tag, User

app = FastAPI()


@app.post("/tags")
def add_tag(name: str, db: Session = Depends(get_db)):
    with committed(db) as session:
        tag = Tag(name=name)
        session.add(tag)
        session.flush()
        if not name:
            raise HTTPException(422)
        if name == "early":
            return {"early": tag.id}
    return {"id": tag.id}


@app.post("/login")
def login(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    with committed(db):
        with counting(db, user):
            user.name = "eve"
    return user.logins


@app.post("/forgiving")
def forgive(name: str, db: Session = Depends(get_db)):
    with forgiving(db):
        db.add(Tag(name=name))
        if not name:
            raise ValueError(name)
    return name


@app.get("/own")
def own():
    with on_its_own() as session:
        return session.scalar(select(func.count(Tag.id)))


@app.post("/both")
def both(db: Session = Depends(get_db)):
    with committed(db), Posts(db).renaming(2) as post:
        db.add(Tag(name="with a post"))
        post.title = "both"
    return post.title


@app.get("/locked")
def mixed(db: Session = Depends(get_db)):
    with suppress(KeyError), locked(db) as user:
        return user.name


@app.get("/names")
def all_names(db: Session = Depends(get_db)):
    found = []
    for name in names(db):
        if name == "cleo":
            break
        found.append([name, [title for title in titles(db, name)]])
    return found


@app.get("/collected")
def collected(db: Session = Depends(get_db)):
    posts = Posts(db)
    return {
        "list": list(names(db)),
        "set": len(set(names(db))),
        "sorted": sorted(names(db), key=lambda name: name[::-1]),
        "sum": sum(len(name) for name in names(db) if name),
        "by name": {name: len(name) for name in names(db)},
        "posts": [post.title for post in posts.all()],
        "pairs": [[name, title] for name in ("eve", "cleo") for title in titles(db, name)],
    }


@app.post("/rename")
def rename(db: Session = Depends(get_db)):
    with Posts(db).renaming(1) as post:
        post.title = "changed"
    return post.title


@app.get("/guarded")
def behind(db: Session = Depends(get_db)):
    return [name for name in guarded(db)] + sorted(tags(db))


@app.get("/first")
def first(db: Session = Depends(get_db)):
    return next(stepwise(db))


@app.get("/streamed")
def streamed(db: Session = Depends(get_db)):  # stays: consumed-generator
    return StreamingResponse(streaming(db), media_type="application/json")
