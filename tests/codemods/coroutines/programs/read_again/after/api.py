from decimal import Decimal
from typing import List, Optional

from alchemove import session_depends
from fastapi import Body, FastAPI, HTTPException
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload

from crud import Items, build, counted, listed, logged, number_of_items, placed, readdressed, relabel, relabel_by_number, renew, save, store
from session import SessionDep, get_session
from models import Item, Kind, Log, Owner
from schemas import ItemIn, ItemOut, NameOut, PlainIn

app = FastAPI()


@app.put("/items/{number}", response_model=ItemOut)
async def fields_set_one_by_one(number: int, values: ItemIn, db: SessionDep):
    item = await db.get(Item, number)
    if item is None:
        raise HTTPException(404)
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    await db.commit()
    await db.refresh(item, attribute_names=["label", "cost", "code"])
    return item


@app.put("/plain/{number}", response_model=ItemOut)
async def fields_that_come_back_as_they_are(number: int, values: PlainIn, db: SessionDep):
    item = await db.get(Item, number)
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    await db.commit()
    return item


@app.put("/unread/{number}", response_model=NameOut)
async def fields_that_nobody_reads(number: int, values: ItemIn, db: SessionDep):
    item = (await db.scalars(select(Item).where(Item.id == number))).one()
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    await db.commit()
    return item


@app.post("/items", response_model=ItemOut)
async def made_of_a_payload(values: ItemIn, db: SessionDep):
    item = Item(**values.model_dump())
    db.add(item)
    await db.commit()
    await db.refresh(item, attribute_names=["label", "cost", "code"])
    return item


@app.post("/any", response_model=ItemOut)
async def made_of_anything(values: dict = Body(...), db: AsyncSession = session_depends(get_session)):
    item = Item(**values)
    db.add(item)
    await db.commit()
    await db.refresh(item)
    return item


@app.post("/kept", response_model=ItemOut)
async def made_of_what_comes_back_as_it_is(values: PlainIn, db: SessionDep):
    item = Item(**values.model_dump())
    db.add(item)
    await db.commit()
    return item


@app.post("/helpers", response_model=ItemOut)
async def made_by_a_helper(values: ItemIn, db: SessionDep):
    item = build(values)
    db.add(item)
    await db.commit()
    await db.refresh(item, attribute_names=["label", "cost", "code"])
    return item


@app.put("/helpers/{number}")
async def changed_by_a_helper(number: int, label: str, db: SessionDep):
    item = await db.get(Item, number)
    relabel(item, label)
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    return item.label


@app.put("/methods/{number}")
async def changed_by_its_method(number: int, label: str, db: SessionDep):
    item = await db.get(Item, number)
    item.relabel(label)
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    return item.label


@app.post("/saved", response_model=ItemOut)
async def saved_by_a_helper(values: ItemIn, db: SessionDep):
    return await save(db, Item(**values.model_dump()))


@app.post("/renewed", response_model=ItemOut)
async def refreshed_by_a_helper(values: ItemIn, db: SessionDep):
    return await renew(db, Item(**values.model_dump()))


@app.post("/stored", response_model=ItemOut)
async def stored_by_a_helper(values: ItemIn, db: SessionDep):
    item = Item(**values.model_dump())
    await store(db, item)
    return item


@app.put("/numbers/{number}")
async def held_by_the_caller(number: int, label: str, db: SessionDep):
    item = await db.get(Item, number)
    await relabel_by_number(db, number, label)
    return item.label


@app.put("/counted/{number}")
async def held_by_nobody(number: int, db: SessionDep):
    return [await counted(db, number), len(await listed(db))]


@app.post("/services", response_model=ItemOut)
async def by_a_service(values: ItemIn, db: SessionDep):
    return await Items(db).create(values)


@app.put("/services/{number}", response_model=Optional[ItemOut])
async def by_a_service_that_may_find_nothing(number: int, values: ItemIn, db: SessionDep):
    return await Items(db).update(number, values)


@app.put("/conditions/{number}")
async def on_a_condition(number: int, values: ItemIn, db: SessionDep):
    item = await db.get(Item, number)
    if values.cost is not None:
        item.cost = values.cost
    if values.label:
        item.label = values.label
    await db.commit()
    await db.refresh(item, attribute_names=["cost", "label"])
    return {"cost": str(item.cost), "label": item.label}


@app.put("/either")
async def made_or_loaded(number: int, label: str, db: SessionDep):
    item = await db.get(Item, number)
    if item is None:
        item = Item(name="either")
        db.add(item)
    item.label = label
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    return [item.name, item.label]


@app.put("/listed/{number}", response_model=List[ItemOut])
async def queried_again_while_it_is_held(number: int, label: str, db: SessionDep):
    item = await db.get(Item, number)
    item.label = label
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    return await listed(db)


@app.put("/all")
async def objects_of_a_loop(label: str, db: SessionDep):
    items = (await db.scalars(select(Item).order_by(Item.id))).all()
    for item in items:
        item.label = label
    await db.commit()
    for item in items:
        await db.refresh(item, attribute_names=["label"])
    return [item.label for item in items]


@app.put("/queried")
async def objects_that_are_queried_again(label: str, db: SessionDep):
    for item in await db.scalars(select(Item)):
        item.label = label
    await db.commit()
    db.expire_all()
    return [found.label for found in await db.scalars(select(Item).order_by(Item.id))]


@app.post("/many", response_model=List[ItemOut])
async def made_in_a_list(values: List[ItemIn], db: SessionDep):
    items = [Item(**each.model_dump()) for each in values]
    db.add_all(items)
    await db.commit()
    for item in items:
        await db.refresh(item, attribute_names=["label", "cost", "code"])
    return items


@app.put("/owners/{number}")
async def of_another_object(number: int, db: SessionDep):
    item = (await db.scalars(select(Item).options(joinedload(Item.owner)).where(Item.id == number))).one()
    item.owner.email = "ANN@EXAMPLE.COM"
    await db.commit()
    await db.refresh(item.owner, attribute_names=["email"])
    return [item.name, item.owner.email]


@app.put("/merged/{number}")
async def merged(number: int, db: SessionDep):
    item = await db.merge(Item(id=number, name="merged", label="MERGED"))
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    return item.label


@app.put("/rows/{number}")
async def by_a_statement(number: int, db: SessionDep):
    item = await db.get(Item, number)
    await db.execute(update(Item).where(Item.id == number).values(qty=func.coalesce(Item.qty, 0) + 1, label="ROW"))
    await db.commit()
    await db.refresh(item, attribute_names=["label", "qty"])
    return [item.qty, item.label]


@app.post("/logs")
async def values_of_the_model(db: SessionDep):
    log = Log(text="made")
    db.add(log)
    await db.commit()
    await db.refresh(log, attribute_names=["made"])
    return str(log.made)


@app.put("/logs/{number}")
async def values_that_come_with_others(number: int, db: SessionDep):
    log = await db.get(Log, number)
    log.text = "changed"
    await db.commit()
    await db.refresh(log, attribute_names=["mark"])
    return [log.text, log.mark]


@app.put("/types/{number}")
async def of_many_types(number: int, kind: str, code: str, db: SessionDep):
    item = (await db.scalars(select(Item).where(Item.id == number))).one()
    item.kind = kind
    item.code = code
    item.data = {1: (2, 3)}
    item.cost = item.cost * Decimal("0.333")
    item.qty += 1
    await db.commit()
    await db.refresh(item, attribute_names=["kind", "code", "data", "cost"])
    return [item.kind.value, item.code, item.data, str(item.cost), item.qty]


@app.put("/kinds/{number}")
async def of_the_type_of_the_column(number: int, kind: Kind, db: SessionDep):
    item = (await db.scalars(select(Item).where(Item.id == number))).one()
    item.kind = kind
    item.name = item.name.upper()
    await db.commit()
    return [item.kind.value, item.name]


@app.put("/other/{number}")
async def another_one_is_refreshed(number: int, label: str, db: SessionDep):
    item, owner = await db.get(Item, number), await db.get(Owner, 1)
    item.label = label
    await db.commit()
    await db.refresh(item, attribute_names=["label"])
    await db.refresh(owner)
    return [item.label, owner.name]


@app.put("/rebound/{number}")
async def by_a_name_that_is_taken(number: int, label: str, db: SessionDep):
    def in_session(db: Session):
        item = db.get(Item, number)
        first = item
        item.label = label
        item = db.get(Item, 1)
        db.commit()
        return [first.label, item.name]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/line/{number}")
async def on_one_line(number: int, label: str, db: SessionDep):
    def in_session(db: Session):
        item = db.get(Item, number)
        item.label = label
        db.commit(); found = item.label  # fmt: skip
        return found

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/owners/{number}/items")
async def a_collection_that_has_grown(number: int, db: SessionDep):
    owner = await db.get(Owner, number, options=[selectinload(Owner.items)])
    before = len(owner.items)
    db.add(Item(name="grown", owner_id=number))
    await db.commit()
    await db.refresh(owner, attribute_names=["items"])
    return [before, len(owner.items)]


@app.post("/owners/{number}/moved")
async def collections_of_several_objects(number: int, db: SessionDep):
    def in_session(db: Session):
        owners = db.scalars(select(Owner).order_by(Owner.id)).all()
        before = [len(owner.items) for owner in owners]
        db.add(Item(name="several", owner_id=number))
        db.commit()
        return [before, [len(owner.items) for owner in owners]]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/owners/{number}/counted")
async def a_collection_that_a_helper_reads(number: int, db: SessionDep):
    def in_session(db: Session):
        owner = db.get(Owner, number)
        before = number_of_items(owner)
        db.add(Item(name="counted", owner_id=number))
        db.commit()
        return [before, number_of_items(owner)]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.get("/owners/{number}")
async def a_collection_that_a_branch_commits(number: int, again: bool = False, db: AsyncSession = session_depends(get_session)):
    owner = await db.get(Owner, number, options=[selectinload(Owner.items)])
    if again:
        db.add(Item(name="again", owner_id=number))
        await db.flush()
        return "again"
    return len(owner.items)


@app.post("/owners/{number}/behind")
async def a_collection_that_is_only_read_behind(number: int, db: SessionDep):
    owner = (await db.scalars(select(Owner).where(Owner.id == number))).one()
    await db.run_sync(logged, number)
    return [len(await db.run_sync(lambda _: owner.items)), [item.name for item in await db.run_sync(lambda _: owner.items)]]  # stays: written-between


@app.post("/owners/each")
async def collections_of_another_object_in_each_round(db: SessionDep):
    found = []
    for owner in (await db.scalars(select(Owner).order_by(Owner.id))).all():
        found.append([len(await db.run_sync(lambda _: owner.items)), [item.name for item in await db.run_sync(lambda _: owner.items)]])  # stays: written-between
        await db.run_sync(logged, owner.id)
    return found


@app.post("/owners/{number}/again")
async def a_collection_of_one_object_in_each_round(number: int, db: SessionDep):
    def in_session(db: Session):
        owner = db.scalars(select(Owner).where(Owner.id == number)).one()
        found = []
        for _ in range(2):
            found.append(len(owner.items))
            logged(db, number)
        return found

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/owners/{number}/placed")
async def read_of_what_a_helper_has_refreshed(number: int, db: SessionDep):
    owner = (await db.scalars(select(Owner).where(Owner.id == number))).one()
    item = await db.run_sync(placed, owner, "placed")
    return [item.owner.name, owner.email]


@app.post("/owners/{number}/sorted")
async def what_else_the_helper_is_called_by(number: int, db: SessionDep):
    owner = (await db.scalars(select(Owner).where(Owner.id == number))).one()
    return await db.run_sync(lambda db: sorted(["b", "a"], key=lambda name: placed(db, owner, name).id))


@app.post("/owners/addresses")
async def queried_again_behind_a_helper(db: SessionDep):
    owner = (await db.scalars(select(Owner).order_by(Owner.id).limit(1))).one()
    await db.run_sync(lambda db: sorted(["b", "aa"], key=lambda email: readdressed(db, owner, email)))
    return [owner.email for owner in await db.scalars(select(Owner).order_by(Owner.id))]
