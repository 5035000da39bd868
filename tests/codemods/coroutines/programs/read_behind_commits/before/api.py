"""Values that the database converts are read where the commit is no statement of its own, or an exception comes between."""

from contextlib import contextmanager, suppress

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


def stored(db: Session):  # stays: stale-after-commit
    db.commit()
    return True


@app.put("/matched")
def matched(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    recipe.rating = 5
    match stored(db):
        case True:
            return str(recipe.rating)
    return None


@app.put("/suppressed")
def suppressed(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    with suppress(ValueError):
        recipe.rating = 6
        db.commit()
        checked(2)
    return str(recipe.rating)


@contextmanager
def unit(db: Session):
    yield db
    db.commit()


@app.put("/unit")
def of_unit(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    with unit(db):
        recipe.rating = 7
    return str(recipe.rating)


class Unit:
    def __init__(self, db: Session):
        self.db = db

    def __enter__(self):
        return self

    def __exit__(self, *error):  # stays: special-method
        self.db.commit()


@app.put("/units")
def of_units(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    with Unit(db):
        recipe.rating = 8
    return str(recipe.rating)


@app.put("/begun")
def begun(db: Session = Depends(get_db)):
    with db.begin():
        recipe = db.get(Recipe, 1)
        recipe.rating = 9
    return str(recipe.rating)


def measured(text):
    return len(text)


@app.put("/measured")
def of_unit_measured(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 1)
    with unit(db):
        recipe.image = measured(recipe.name)
    return recipe.image


@app.post("/made")
def made(db: Session = Depends(get_db)):
    with unit(db):
        recipe = Recipe(name="Pie", image=measured("Pie"))
        db.add(recipe)
    return recipe.image


@contextmanager
def forgiving(db: Session):  # stays: generator
    try:
        yield db
        db.commit()
    except ValueError:
        db.rollback()


@app.put("/forgiven")
def forgiven(db: Session = Depends(get_db)):  # stays: sync-session
    recipe = db.get(Recipe, 1)
    with forgiving(db):
        recipe.image = measured(recipe.name)
        checked(2)
    return recipe.image
