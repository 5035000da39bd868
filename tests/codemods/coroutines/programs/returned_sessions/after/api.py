from alchemove import discard_uncommitted, session_depends
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, selectinload

from deps import get_of_thread, get_used
from models import Post, Tag, User
from session import SessionDep, get_session

app = FastAPI()
seen: list[str] = []


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    user = (await db.scalars(select(User).where(User.name == name).options(selectinload(User.posts)))).first()
    if user is None:
        raise HTTPException(401)
    return user


@app.get("/posts")
def posts(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return [user in db, [post.title for post in user.posts]]


@app.post("/posts")
async def create(title: str, commit: bool = True, user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    discard_uncommitted(db)
    post = Post(title=title, author_id=user.id)
    db.add(post)
    if title == "wrong":
        raise HTTPException(409, title)
    if commit:
        await db.commit()
        await db.refresh(post)
    else:
        await db.flush()
    return [post.title, (await db.run_sync(lambda _: post.author)).name]  # stays: new-object


@app.get("/count")
async def count(db: SessionDep):
    return await db.scalar(select(func.count(Post.id)))


@app.post("/tags")
async def tag(name: str, tasks: BackgroundTasks, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    tasks.add_task(seen.append, name)
    return name


@app.get("/tags")
async def tags(db: SessionDep):
    return [seen, (await db.scalars(select(Tag.name).order_by(Tag.id))).all()]


@app.get("/made")
async def made(db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name="made"))
    return await db.scalar(select(func.count(Tag.id)))


@app.get("/thread")
def thread(db: Session = Depends(get_of_thread)):  # stays: custom-dependency
    return db.scalar(select(func.count(Tag.id)))


@app.get("/used")
def used(db: Session = Depends(get_used)):  # stays: custom-dependency
    return db.scalar(select(func.count(Tag.id)))
