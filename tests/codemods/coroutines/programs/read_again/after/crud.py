from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Item, Owner


def relabel(item: Item, label: str) -> None:
    item.label = label


def build(values) -> Item:
    return Item(**values.model_dump())


async def save(db: AsyncSession, item: Item) -> Item:
    db.add(item)
    await db.commit()
    await db.refresh(item, attribute_names=["label", "cost", "code"])
    return item


async def renew(db: AsyncSession, item: Item) -> Item:
    db.add(item)
    await db.commit()
    await db.refresh(item)
    return item


async def store(db: AsyncSession, item: Item) -> None:
    async with db.begin_nested():
        db.add(item)
    await db.commit()
    await db.refresh(item, attribute_names=["label", "cost", "code"])


async def relabel_by_number(db: AsyncSession, number: int, label: str) -> None:
    """The caller may hold the same object."""
    item = await db.get(Item, number)
    item.label = label
    await db.commit()
    await db.refresh(item, attribute_names=["label"])


async def counted(db: AsyncSession, number: int) -> int:
    """What was changed here is forgotten when this ends."""
    item = await db.get(Item, number)
    item.label = item.name + "X"
    await db.commit()
    return number


async def listed(db: AsyncSession) -> list[Item]:
    return list(await db.scalars(select(Item).order_by(Item.id)))


def number_of_items(owner: Owner) -> int:  # stays: stale-after-commit
    return len(owner.items)


class Items:
    def __init__(self, db: AsyncSession) -> None:
        self.db = db

    async def create(self, values) -> Item:
        item = Item(**values.model_dump())
        self.db.add(item)
        await self.db.commit()
        await self.db.refresh(item, attribute_names=["label", "cost", "code"])
        return item

    async def update(self, number: int, values) -> Item | None:
        item = await self.db.get(Item, number)
        for key, value in values.model_dump(exclude_unset=True).items():
            setattr(item, key, value)
        await self.db.commit()
        if item is not None:
            await self.db.refresh(item, attribute_names=["label", "cost", "code"])
        return item


def logged(db: Session, number: int) -> None:  # stays: stale-after-commit
    db.add(Item(name="logged", owner_id=number))
    db.commit()


def placed(db: Session, owner: Owner, name: str) -> Item:  # stays: deferred
    item = Item(name=name, owner_id=owner.id)
    owner.email = name + "X"
    db.add(item)
    db.commit()
    db.refresh(owner, attribute_names=["email"])
    db.refresh(item)
    db.refresh(item, attribute_names=["owner"])
    return item


def readdressed(db: Session, owner: Owner, email: str) -> int:  # stays: deferred
    owner.email = email + "X"
    db.commit()
    db.refresh(owner, attribute_names=["email"])
    return len(email)
