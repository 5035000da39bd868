from fastapi import FastAPI

from session import SessionDep
from recipes import Recipes

app = FastAPI()


@app.post("/images/{name}")
async def from_image(name: str, db: SessionDep):
    return await Recipes(db.sync_session).create_from_image(name)


@app.post("/tags/{old}/{new}")
async def rename(old: str, new: str, db: SessionDep):
    recipes = Recipes(db.sync_session)
    return [await recipes.rename(old, new), await db.run_sync(lambda _: recipes.names()), await recipes.without()]


@app.get("/titles")
async def titles(db: SessionDep):
    return await Recipes(db.sync_session).retitled()


@app.get("/tags")
async def names(db: SessionDep):
    return await db.run_sync(lambda db: Recipes(db).names())
