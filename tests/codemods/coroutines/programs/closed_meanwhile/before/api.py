"""Sessions that an endpoint closes itself, and objects that leave it with an exception."""

from database import get_db
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from models import Tag, User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

app = FastAPI()


class NotAllowed(Exception):
    def __init__(self, user):
        self.user = user


@app.exception_handler(NotAllowed)
def not_allowed(request: Request, error: NotAllowed):
    return JSONResponse({"detail": error.user.name}, 403)


@app.middleware("http")
async def named(request: Request, call_next):
    response = await call_next(request)
    user = getattr(request.state, "user", None)
    response.headers["x-user"] = user.name if user is not None else ""
    return response


@app.get("/again")
def again(db: Session = Depends(get_db)):
    first = db.scalar(select(func.count()).select_from(User))
    db.close()
    return [first, db.scalar(select(func.count()).select_from(User))]


@app.post("/kept")
def kept(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        db.add(Tag(name="saved"))
        db.commit()
        db.refresh(user)
    finally:
        db.close()
    return user.name


def count(db: Session):
    try:
        return db.scalar(select(func.count()).select_from(Tag))
    finally:
        db.close()


@app.get("/counted")
def counted(db: Session = Depends(get_db)):
    return [count(db), count(db)]


@app.get("/dropped")
def dropped(db: Session = Depends(get_db)):
    db.add(Tag(name="dropped"))
    db.flush()
    db.close()
    return db.scalar(select(func.count()).select_from(Tag))


@app.get("/refused")
def refused(db: Session = Depends(get_db)):
    raise NotAllowed(db.get(User, 2))


@app.get("/failing")
def failing(request: Request, db: Session = Depends(get_db)):
    request.state.user = db.get(User, 3)
    raise NotAllowed(request.state.user)
