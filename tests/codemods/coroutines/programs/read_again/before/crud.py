from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Owner


def relabel(item: Item, label: str) -> None:
    item.label = label


def build(values) -> Item:
    return Item(**values.model_dump())


def save(db: Session, item: Item) -> Item:
    db.add(item)
    db.commit()
    return item


def renew(db: Session, item: Item) -> Item:
    db.add(item)
    db.commit()
    db.refresh(item)
    return item


def store(db: Session, item: Item) -> None:
    with db.begin_nested():
        db.add(item)
    db.commit()


def relabel_by_number(db: Session, number: int, label: str) -> None:
    """The caller may hold the same object."""
    item = db.get(Item, number)
    item.label = label
    db.commit()


def counted(db: Session, number: int) -> int:
    """What was changed here is forgotten when this ends."""
    item = db.get(Item, number)
    item.label = item.name + "X"
    db.commit()
    return number


def listed(db: Session) -> list[Item]:
    return list(db.scalars(select(Item).order_by(Item.id)))


def number_of_items(owner: Owner) -> int:  # stays: stale-after-commit
    return len(owner.items)


class Items:
    def __init__(self, db: Session) -> None:
        self.db = db

    def create(self, values) -> Item:
        item = Item(**values.model_dump())
        self.db.add(item)
        self.db.commit()
        return item

    def update(self, number: int, values) -> Item | None:
        item = self.db.get(Item, number)
        for key, value in values.model_dump(exclude_unset=True).items():
            setattr(item, key, value)
        self.db.commit()
        return item


def logged(db: Session, number: int) -> None:  # stays: stale-after-commit
    db.add(Item(name="logged", owner_id=number))
    db.commit()


def placed(db: Session, owner: Owner, name: str) -> Item:  # stays: deferred
    item = Item(name=name, owner_id=owner.id)
    owner.email = name + "X"
    db.add(item)
    db.commit()
    db.refresh(item)
    return item


def readdressed(db: Session, owner: Owner, email: str) -> int:  # stays: deferred
    owner.email = email + "X"
    db.commit()
    return len(email)
