"""Values that the database converts are read where the commit is no statement of its own, or an exception comes between."""

from session import SessionDep
from alchemove import discard_uncommitted, rollback_and_reload
from fastapi import FastAPI
from models import Recipe
from sqlalchemy.ext.asyncio import AsyncSession

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
