from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from deps import TenantDb, current_user, ended, get_called_db, get_shared_db, get_tagged_db, get_tenant_db, get_unused_db, get_watched_db
from handlers import CALLBACKS
from models import Post, Tag, User

app = FastAPI()


def first(db: Session):  # stays: custom-dependency
    return db.scalars(select(Tag.name).where(Tag.id == 1)).one()


@app.get("/plain")
def plain(db: Session = Depends(get_db)):
    return [first(db), ended]


@app.get("/tenant")
def tenant(db: Session = Depends(get_tenant_db)):
    return [first(db), db.info["tenant"]]


@app.post("/tenant")
def create(name: str, commit: bool, db: TenantDb, user: User = Depends(current_user)):
    db.add(Post(title=name, author_id=user.id))
    if commit:
        db.commit()
    return [db.scalar(select(func.count(Post.id))), user.name, len(user.posts), first(db)]  # stays: held-before


@app.get("/both")
def both(db: TenantDb, other: Session = Depends(get_db)):
    return [db is other, first(db), first(other)]


@app.get("/watched")
def watched(name: str, db: Session = Depends(get_watched_db)):
    db.add(Tag(name=name))
    if name == "wrong":
        raise ValueError(name)
    if name == "refused":
        raise HTTPException(409, name)
    return [first(db), db.scalar(select(func.count(Tag.id)))]


@app.get("/tagged")
def tagged(db: Session = Depends(get_tagged_db)):
    return first(db)


@app.get("/callback")
def callback(db: Session = Depends(get_tagged_db)):
    return CALLBACKS["first"](db)


@app.get("/called")
def called(db: Session = Depends(get_called_db)):  # stays: custom-dependency
    return first(db)


@app.get("/calls")
def calls(db: Session = Depends(get_db)):
    return first(get_called_db(db))


@app.get("/shared")
def shared(db: Session = Depends(get_shared_db)):  # stays: shared-request
    return first(db)


@app.get("/driver")
def driver(db: Session = Depends(get_shared_db)):  # stays: driver-connection
    cursor = db.connection().connection.cursor()
    cursor.execute("SELECT name FROM tags WHERE id = 1")
    return cursor.fetchone()[0]


@app.get("/unused")
def unused(db: Session = Depends(get_unused_db)):
    return "unused"


@app.get("/used")
def used(kept: list[str] = Depends(list), db: Session = Depends(get_unused_db)):
    return [kept, first(db)]
