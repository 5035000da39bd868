from typing import Annotated, Any, List, Optional

from session import SessionDep, get_session
from alchemove import session_depends
from fastapi import FastAPI
from models import Post, Tag, Team, User
from paging import Envelope, Page, Pair, paginate
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

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
async def users(size: int = 2, db: AsyncSession = session_depends(get_session)):
    return await paginate(db, select(User).order_by(User.id).options(selectinload(User.posts).selectinload(Post.tags)), size)


@app.get("/posts", response_model=Page[PostOut])
async def posts(size: int = 2, db: AsyncSession = session_depends(get_session)):
    return await paginate(db, select(Post).order_by(Post.id).options(selectinload(Post.tags)), size)


@app.get("/page", response_model=PostPage)
async def page(db: SessionDep):
    found = (await db.scalars(select(Post).order_by(Post.id).options(selectinload(Post.tags)))).all()
    return {"items": found, "total": len(found), "after": None}


@app.get("/envelope", response_model=Envelope[List[PostOut]])
async def envelope(db: SessionDep):
    shown = {"data": (await db.scalars(select(Post).order_by(Post.title).options(selectinload(Post.tags)))).all()}
    return shown


@app.get("/inside", response_model=Envelope[Page[PostOut]])
async def inside(db: SessionDep) -> Any:
    return {"data": await paginate(db, select(Post).order_by(Post.id.desc()).options(selectinload(Post.tags)), 1)}


@app.get("/pair", response_model=Pair[TagOut, Annotated[UserOut, "its author"]])
async def pair(db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == 1).options(selectinload(User.posts).selectinload(Post.tags)))).one()
    return {"first": await db.get(Tag, 1), "second": user}


@app.get("/made/{number}", response_model=Envelope[UserOut])
async def made(number: int, db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == number).options(selectinload(User.posts).selectinload(Post.tags)))).one_or_none()
    if user is None:
        return Envelope[UserOut](message="none")
    return Envelope[UserOut](data=user)


@app.get("/listed", response_model=List[Envelope[UserOut]])
async def listed(db: SessionDep):
    return [{"data": user} for user in await db.scalars(select(User).order_by(User.id).options(selectinload(User.posts).selectinload(Post.tags)))]


@app.get("/mended", response_model=Envelope[Optional[List[PostOut]]])
async def mended(db: SessionDep):
    shown = {"data": None}
    shown["data"] = (await db.scalars(select(Post).order_by(Post.id))).all()
    return await db.run_sync(lambda _: TypeAdapter(Envelope[Optional[List[PostOut]]]).validate_python(shown, from_attributes=True))  # stays: model-reads


@app.get("/plain", response_model=Envelope[int])
async def plain(db: SessionDep):
    return {"data": await db.scalar(select(func.count(Team.id)))}
