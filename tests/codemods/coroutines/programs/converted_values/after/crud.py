from random import randint
from threading import Thread

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Recipe
from session import get_sync_session


class Recipes:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _query_one(self, name: str):
        return (await self.session.scalars(select(Recipe).where(Recipe.name == name))).one()

    async def update_image(self, name: str) -> int:
        entry: Recipe = await self._query_one(name)
        entry.image = str(randint(7, 7))
        await self.session.commit()

        return entry.image


async def save(db: AsyncSession) -> None:
    await db.commit()


def rated(db: Session, number: int) -> str:  # stays: not-reached
    """A thread of its own calls it as well, so that it stays sync."""
    recipe = db.scalars(select(Recipe).where(Recipe.id == number)).one()
    recipe.image = str(len(recipe.name) * 2)
    recipe.rating = 1
    db.commit()
    db.refresh(recipe, attribute_names=["rating"])
    return f"{recipe.image!r} {recipe.rating!r}"


def rate_all() -> None:  # stays: not-reached
    with get_sync_session() as session:
        rated(session, 1)


def start() -> Thread:
    return Thread(target=rate_all)


async def served(db: AsyncSession, number: int) -> int:
    recipe = (await db.scalars(select(Recipe).where(Recipe.id == number))).one()
    recipe.servings = str(number)
    await db.commit()
    await db.refresh(recipe, attribute_names=["servings"])
    return recipe.servings
