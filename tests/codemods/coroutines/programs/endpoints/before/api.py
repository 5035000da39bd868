from typing import Annotated, Optional

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User

router = APIRouter()
Db = Annotated[Session, Depends(get_db)]


def get_user_or_404(db: Session, user_id: int) -> User:
    user = db.get(User, user_id)
    if user is None:
        raise HTTPException(status_code=404, detail="no such user")
    return user


def current_user(db: Db, user_id: int) -> User:
    return get_user_or_404(db, user_id)


def count_of(db: Optional[Session], statement):
    return db.scalar(select(func.count()).select_from(statement.subquery()))


@router.get("/users")
def list_users(start: str = "", db: Session = Depends(get_db)):
    statement = select(User).where(User.name.startswith(start)).order_by(User.name)
    return {
        "total": count_of(db, statement),
        "names": [user.name for user in db.scalars(statement).all()],
        "first": db.scalars(statement.limit(1)).one().name if db.scalar(select(func.count(User.id))) else None,
    }


@router.get("/user")
def read_user(user: Annotated[User, Depends(current_user)]):
    return {"name": user.name, "logins": user.logins}


@router.post("/users")
def create_user(db: Db, name: str):
    user = User(name=name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise HTTPException(status_code=409, detail="the name is taken")
    db.refresh(user)
    return {"id": user.id, "name": user.name}


@router.post("/users/{user_id}/login")
def login(user_id: int, db: Annotated[Session, Depends(get_db)]):
    for user in db.scalars(select(User).where(User.id == user_id)):
        user.logins += 1
    with db.begin_nested():
        changed = db.execute(update(User).where(User.id == user_id).values(name=User.name)).rowcount
    db.commit()
    return {"changed": changed, "logins": get_user_or_404(db, user_id).logins}


@router.delete("/users/{user_id}")
def delete_user(*, user_id: int, db: Session = Depends(get_db)):
    user = get_user_or_404(db, user_id)
    db.execute(delete(Post).where(Post.author_id == user.id))
    db.delete(user)
    db.commit()
    return {"left": [name for (name,) in db.execute(select(User.name).order_by(User.name))]}


app = FastAPI()
app.include_router(router)
