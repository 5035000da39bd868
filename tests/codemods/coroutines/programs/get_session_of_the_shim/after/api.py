from fastapi import FastAPI
from sqlalchemy import select

from session import SessionDep
from models import Tag

app = FastAPI()


@app.get("/tags")
async def read_tags(session: SessionDep):
    return (await session.scalars(select(Tag.name).order_by(Tag.id))).all()


@app.post("/tags")
async def create_tag(name: str, session: SessionDep):
    tag = Tag(name=name)
    session.add(tag)
    await session.flush()
    await session.refresh(tag)
    return {"name": tag.name}
