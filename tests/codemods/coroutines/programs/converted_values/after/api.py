from datetime import date, datetime
from decimal import Decimal

from alchemove import discard_uncommitted, session_depends
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from crud import Recipes, rated, save, served
from session import SessionDep, get_session
from models import Recipe

app = FastAPI()


@app.put("/number/{ident}")
async def a_number_for_a_text(ident: int, db: SessionDep):
    recipe = await db.get(Recipe, ident)
    recipe.image = str(len(recipe.name) + 5)
    await db.commit()
    return recipe.image


@app.put("/parameter")
async def a_parameter_for_a_text(number: int, db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.image = str(number)
    await db.flush()
    return {"image": recipe.image, "number": number}


@app.put("/repository")
async def of_a_repository(db: SessionDep):
    return await Recipes(db).update_image("cake")


@app.put("/rating")
async def a_whole_number_for_a_float(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 2))).one()
    recipe.rating = 4
    await db.commit()  # what others see
    await db.refresh(recipe, attribute_names=["rating"])
    return str(recipe.rating)


@app.post("/new")
async def made_here(db: SessionDep):
    recipe = Recipe(name="rice", image=str(len("rice")), price=2.5, rating=3, is_public=1)
    db.add(recipe)
    await db.commit()
    await db.refresh(recipe, attribute_names=["price", "rating", "is_public"])
    return [recipe.image, str(recipe.price), str(recipe.rating), str(recipe.is_public)]


@app.put("/cooked")
async def a_time_for_a_date(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 3))).one()
    recipe.cooked_on = datetime(2026, 1, 2, 3, 4)
    recipe.cooked_on = datetime.utcnow()
    await db.commit()
    await db.refresh(recipe, attribute_names=["cooked_on"])
    return len(str(recipe.cooked_on))


@app.put("/helper")
async def saved_by_a_helper(db: SessionDep):
    recipe = await db.get(Recipe, 3)
    recipe.image = str(len(recipe.name))
    await save(db)
    return recipe.image


@app.put("/refreshed")
async def refreshed(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 2))).one()
    recipe.rating = 5
    await db.commit()
    await db.refresh(recipe)
    return str(recipe.rating)


@app.put("/other")
async def another_attribute_is_read(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 2))).one()
    recipe.rating = 6
    await db.flush()
    return recipe.name


@app.put("/flushed")
async def only_flushed(db: SessionDep):
    discard_uncommitted(db)
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 2))).one()
    recipe.rating = 7
    await db.flush()
    return str(recipe.rating)


@app.put("/same")
async def of_the_type_of_the_column(name: str, servings: int, db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.name = name
    recipe.servings = servings
    recipe.price = Decimal("2.50")
    recipe.rating = 4.5
    recipe.code = 9
    recipe.is_public = True
    recipe.cooked_on = date(2026, 1, 2)
    await db.commit()
    await db.refresh(recipe, attribute_names=["price", "code"])
    return [recipe.name, recipe.servings, str(recipe.price), recipe.rating, recipe.code, recipe.is_public]


@app.put("/sync")
async def by_what_stays_sync(db: SessionDep):
    return {"rated": await db.run_sync(rated, 3)}


@app.put("/served")
async def by_a_helper_that_commits(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 3))).one()
    return [recipe.name, await served(db, 3)]


@app.put("/declared")
async def by_an_annotation(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 3))).one()
    recipe.label = str(len(recipe.name))
    if recipe.servings:
        recipe.rating = 2
    await db.commit()
    await db.refresh(recipe, attribute_names=["rating"])
    return [recipe.label, str(recipe.rating)]


@app.put("/shown")
async def shown_before_as_well(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.image = len(recipe.name)
    seen = vars(recipe)["image"]
    await db.commit()
    await db.refresh(recipe, attribute_names=["image"])
    return [seen, recipe.image]


@app.put("/optional")
async def a_parameter_that_may_be_none(number: int = None, db: AsyncSession = session_depends(get_session)):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.image = number
    await db.flush()
    await db.refresh(recipe, attribute_names=["image"])
    return recipe.image


@app.put("/before")
async def read_before_as_well(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.image = len(recipe.name)
    half = recipe.image / 2
    await db.commit()
    await db.refresh(recipe, attribute_names=["image"])
    return [half, recipe.image]


@app.put("/text")
async def a_text_for_a_number(db: SessionDep):
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == 1))).one()
    recipe.servings = f"{recipe.id}2"
    await db.flush()
    await db.refresh(recipe, attribute_names=["servings"])
    return recipe.servings


@app.put("/line")
async def on_one_line(db: SessionDep):
    def in_session(db: Session):
        recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
        recipe.rating = 3
        db.commit(); rating = recipe.rating  # fmt: skip
        return str(rating)

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
