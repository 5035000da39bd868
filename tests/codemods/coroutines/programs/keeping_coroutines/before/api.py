from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from recipes import Recipes

app = FastAPI()


@app.post("/images/{name}")
async def from_image(name: str, db: Session = Depends(get_db)):
    return await Recipes(db).create_from_image(name)


@app.post("/tags/{old}/{new}")
async def rename(old: str, new: str, db: Session = Depends(get_db)):
    recipes = Recipes(db)
    return [await recipes.rename(old, new), recipes.names(), await recipes.without()]


@app.get("/titles")
async def titles(db: Session = Depends(get_db)):
    return await Recipes(db).retitled()


@app.get("/tags")
def names(db: Session = Depends(get_db)):
    return Recipes(db).names()
