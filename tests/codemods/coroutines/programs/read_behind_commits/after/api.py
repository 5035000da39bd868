"""Values that the database converts are read where the commit is no statement of its own, or an exception comes between."""

from contextlib import asynccontextmanager, contextmanager, suppress

from database import get_db
from alchemove import discard_uncommitted, rollback_and_reload
from fastapi import Depends, FastAPI
from models import Recipe
from session import SessionDep
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

app = FastAPI()
SEEN = []


async def committed(db: AsyncSession):
    await db.commit()
    return True


def checked(number: int):
    if number > 1:
        raise ValueError(number)


@app.put("/caught")
async def caught(db: SessionDep):
    discard_uncommitted(db)
    recipe = await db.get(Recipe, 1)
    try:
        recipe.image = str(len(recipe.name))
        await db.commit()
        checked(2)
    except ValueError:
        return recipe.image
    return None


@app.put("/at-last")
async def at_last(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    try:
        recipe.image = str(len(recipe.name) + 1)
        await db.commit()
        return SEEN
    finally:
        SEEN.append(recipe.image)


@app.put("/beside")
async def beside(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    recipe.image = str(len(recipe.name) + 2)
    return [await committed(db), recipe.image]


@app.put("/branch")
async def branch(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    recipe.image = str(len(recipe.name) + 3)
    if await committed(db):
        return recipe.image
    return None


@app.put("/chosen")
async def chosen(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    recipe.image = str(len(recipe.name) + 4)
    return recipe.image if await committed(db) else None


@app.put("/undone")
async def undone(db: SessionDep):
    """The commit has ended the transaction: the rollback has nothing to load again."""
    recipe = await db.get(Recipe, 1)
    try:
        recipe.rating = 4
        await db.commit()
        await db.refresh(recipe, attribute_names=["rating"])
        checked(2)
    except ValueError:
        await db.run_sync(rollback_and_reload)
        return str(recipe.rating)
    return None


def stored(db: Session):  # stays: stale-after-commit
    db.commit()
    return True


@app.put("/matched")
async def matched(db: SessionDep):
    def in_session(db: Session):
        recipe = db.get(Recipe, 1)
        recipe.rating = 5
        match stored(db):
            case True:
                return str(recipe.rating)
        return None

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/suppressed")
async def suppressed(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    with suppress(ValueError):
        recipe.rating = 6
        await db.commit()
        await db.refresh(recipe, attribute_names=["rating"])
        checked(2)
    return str(recipe.rating)


@asynccontextmanager
async def unit(db: AsyncSession):
    yield db
    await db.commit()


@app.put("/unit")
async def of_unit(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    async with unit(db):
        recipe.rating = 7
    await db.refresh(recipe, attribute_names=["rating"])
    return str(recipe.rating)


class Unit:
    def __init__(self, db: Session):
        self.db = db

    def __enter__(self):
        return self

    def __exit__(self, *error):  # stays: special-method
        self.db.commit()


@app.put("/units")
async def of_units(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        recipe = db.get(Recipe, 1)
        with Unit(db):
            recipe.rating = 8
        db.refresh(recipe, attribute_names=["rating"])
        return str(recipe.rating)

    return await db.run_sync(in_session)


@app.put("/begun")
async def begun(db: SessionDep):
    async with db.begin():
        recipe = await db.get(Recipe, 1)
        recipe.rating = 9
    await db.refresh(recipe, attribute_names=["rating"])
    return str(recipe.rating)


def measured(text):
    return len(text)


@app.put("/measured")
async def of_unit_measured(db: SessionDep):
    recipe = await db.get(Recipe, 1)
    async with unit(db):
        recipe.image = measured(recipe.name)
    await db.refresh(recipe, attribute_names=["image"])
    return recipe.image


@app.post("/made")
async def made(db: SessionDep):
    async with unit(db):
        recipe = Recipe(name="Pie", image=measured("Pie"))
        db.add(recipe)
    await db.refresh(recipe, attribute_names=["image"])
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
