from fastapi import FastAPI

from session import SessionDep
from helpers import Archive, Tagger, get_or_create_tag, posts_of

app = FastAPI()


@app.post("/posts/{post_id}/tags")
async def tag(post_id: int, name: str, db: SessionDep):
    return {"tags": await db.run_sync(lambda db: Tagger(db).tag(post_id, name, name + "s"))}


@app.post("/tags")
async def create_tag(name: str, db: SessionDep):
    found = await db.run_sync(get_or_create_tag, name)
    await db.commit()
    return {"id": found.id, "posts": [post.title for post in await posts_of(db, "ada")]}


@app.get("/titles")
async def titles(db: SessionDep):
    return await db.run_sync(lambda db: Archive(db).titles())
