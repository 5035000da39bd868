from typing import Annotated, Any, List, Optional

from database import get_db
from fastapi import Depends, FastAPI
from models import Post, Tag, Team, User
from paging import Envelope, Page, Pair, paginate
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

app = FastAPI()


class TagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    tags: List[TagOut]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: List[PostOut]


class PostPage(Page[PostOut]):
    kind: str = "posts"


@app.get("/users", response_model=Page[UserOut])
def users(size: int = 2, db: Session = Depends(get_db)):
    return paginate(db, select(User).order_by(User.id), size)


@app.get("/posts", response_model=Page[PostOut])
def posts(size: int = 2, db: Session = Depends(get_db)):
    return paginate(db, select(Post).order_by(Post.id), size)


@app.get("/page", response_model=PostPage)
def page(db: Session = Depends(get_db)):
    found = db.scalars(select(Post).order_by(Post.id)).all()
    return {"items": found, "total": len(found), "after": None}


@app.get("/envelope", response_model=Envelope[List[PostOut]])
def envelope(db: Session = Depends(get_db)):
    shown = {"data": db.scalars(select(Post).order_by(Post.title)).all()}
    return shown


@app.get("/inside", response_model=Envelope[Page[PostOut]])
def inside(db: Session = Depends(get_db)) -> Any:
    return {"data": paginate(db, select(Post).order_by(Post.id.desc()), 1)}


@app.get("/pair", response_model=Pair[TagOut, Annotated[UserOut, "its author"]])
def pair(db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == 1)).one()
    return {"first": db.get(Tag, 1), "second": user}


@app.get("/made/{number}", response_model=Envelope[UserOut])
def made(number: int, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == number)).one_or_none()
    if user is None:
        return Envelope[UserOut](message="none")
    return Envelope[UserOut](data=user)


@app.get("/listed", response_model=List[Envelope[UserOut]])
def listed(db: Session = Depends(get_db)):
    return [{"data": user} for user in db.scalars(select(User).order_by(User.id))]


@app.get("/mended", response_model=Envelope[Optional[List[PostOut]]])
def mended(db: Session = Depends(get_db)):
    shown = {"data": None}
    shown["data"] = db.scalars(select(Post).order_by(Post.id)).all()
    return shown  # stays: model-reads


@app.get("/plain", response_model=Envelope[int])
def plain(db: Session = Depends(get_db)):
    return {"data": db.scalar(select(func.count(Team.id)))}
