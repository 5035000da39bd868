"""Routers that functions make, with the guards they are given."""

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from guards import HANDLERS, counted, current, require
from models import Post, Tag, User


def tags_router(team: str | None, write_guard) -> APIRouter:
    router = APIRouter()
    if team is not None:
        read_guard = require(team)
    else:
        read_guard = current
    before = counted if team is None else current

    @router.get("/tags", dependencies=[Depends(before)])
    def tags(user: User = Depends(read_guard), db: Session = Depends(get_db)):
        return [user.name, *(tag.name for tag in db.scalars(select(Tag).order_by(Tag.id)))]

    @router.post("/login")
    def login(user: User = Depends(write_guard), db: Session = Depends(get_db)):  # stays: unknown-dependency
        user.logins += 1
        db.commit()
        return user.logins

    return router


def handlers_router(name: str) -> APIRouter:
    router = APIRouter()
    guard = HANDLERS[name]

    @router.post("/rename")
    def rename(name: str, user: User = Depends(guard), db: Session = Depends(get_db)):  # stays: unknown-dependency
        user.name = name
        db.commit()
        return db.get(User, user.id).name

    @router.get("/posts")
    def posts(db: Session = Depends(get_db)):
        return [post.title for post in db.scalars(select(Post).order_by(Post.id))]

    return router
