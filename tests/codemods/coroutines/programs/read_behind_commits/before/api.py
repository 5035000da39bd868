"""Values that the database converts are read where the commit is no statement of its own, or an exception comes between."""

from database import get_db
from fastapi import Depends, FastAPI
from models import Recipe
from sqlalchemy.orm import Session

app = FastAPI()
SEEN = []


def committed(db: Session):
    db.commit()
    return True


def checked(number: int):
    if number > 1:
        raise ValueError(number)


@app.put("/caught")
def caught(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    try:
        recipe.image = len(recipe.name)
        db.commit()
        checked(2)
    except ValueError:
        return recipe.image
    return None


@app.put("/at-last")
def at_last(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    try:
        recipe.image = len(recipe.name) + 1
        db.commit()
        return SEEN
    finally:
        SEEN.append(recipe.image)


@app.put("/beside")
def beside(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    recipe.image = len(recipe.name) + 2
    return [committed(db), recipe.image]


@app.put("/branch")
def branch(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    recipe.image = len(recipe.name) + 3
    if committed(db):
        return recipe.image
    return None


@app.put("/chosen")
def chosen(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    recipe.image = len(recipe.name) + 4
    return recipe.image if committed(db) else None


@app.put("/undone")
def undone(db: Session = Depends(get_db)):
    """The commit has ended the transaction: the rollback has nothing to load again."""
    recipe = db.get(Recipe, 1)
    try:
        recipe.rating = 4
        db.commit()
        checked(2)
    except ValueError:
        db.rollback()
        return str(recipe.rating)
    return None
