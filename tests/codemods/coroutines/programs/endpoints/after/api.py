from typing import Annotated, Optional

from alchemove import session_depends
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep, get_session
from models import Post, User

router = APIRouter()
Db = Annotated[AsyncSession, session_depends(get_session)]


async def get_user_or_404(db: AsyncSession, user_id: int) -> User:
    user = await db.get(User, user_id)
    if user is None:
        raise HTTPException(status_code=404, detail="no such user")
    return user


async def current_user(db: Db, user_id: int) -> User:
    return await get_user_or_404(db, user_id)


async def count_of(db: Optional[AsyncSession], statement):
    return await db.scalar(select(func.count()).select_from(statement.subquery()))


@router.get("/users")
async def list_users(start: str = "", db: AsyncSession = session_depends(get_session)):
    statement = select(User).where(User.name.startswith(start)).order_by(User.name)
    return {
        "total": await count_of(db, statement),
        "names": [user.name for user in (await db.scalars(statement)).all()],
        "first": (await db.scalars(statement.limit(1))).one().name if await db.scalar(select(func.count(User.id))) else None,
    }


@router.get("/user")
def read_user(user: Annotated[User, Depends(current_user)]):
    return {"name": user.name, "logins": user.logins}


@router.post("/users")
async def create_user(db: Db, name: str):
    user = User(name=name)
    db.add(user)
    try:
        await db.flush()
    except IntegrityError:
        await db.rollback()
        raise HTTPException(status_code=409, detail="the name is taken")
    await db.refresh(user)
    return {"id": user.id, "name": user.name}


@router.post("/users/{user_id}/login")
async def login(user_id: int, db: SessionDep):
    for user in await db.scalars(select(User).where(User.id == user_id)):
        user.logins += 1
    async with db.begin_nested():
        changed = (await db.execute(update(User).where(User.id == user_id).values(name=User.name))).rowcount
    await db.commit()
    return {"changed": changed, "logins": (await get_user_or_404(db, user_id)).logins}


@router.delete("/users/{user_id}")
async def delete_user(*, user_id: int, db: SessionDep):
    user = await get_user_or_404(db, user_id)
    await db.execute(delete(Post).where(Post.author_id == user.id))
    await db.delete(user)
    await db.commit()
    return {"left": [name for (name,) in await db.execute(select(User.name).order_by(User.name))]}


app = FastAPI()
app.include_router(router)
