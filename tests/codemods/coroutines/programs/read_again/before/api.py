from decimal import Decimal
from typing import List, Optional

from fastapi import Body, Depends, FastAPI, HTTPException
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from crud import Items, build, counted, listed, logged, number_of_items, placed, readdressed, relabel, relabel_by_number, renew, save, store
from database import get_db
from models import Item, Kind, Log, Owner
from schemas import ItemIn, ItemOut, NameOut, PlainIn

app = FastAPI()


@app.put("/items/{number}", response_model=ItemOut)
def fields_set_one_by_one(number: int, values: ItemIn, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    if item is None:
        raise HTTPException(404)
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    db.commit()
    return item


@app.put("/plain/{number}", response_model=ItemOut)
def fields_that_come_back_as_they_are(number: int, values: PlainIn, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    db.commit()
    return item


@app.put("/unread/{number}", response_model=NameOut)
def fields_that_nobody_reads(number: int, values: ItemIn, db: Session = Depends(get_db)):
    item = db.scalars(select(Item).where(Item.id == number)).one()
    for key, value in values.model_dump(exclude_unset=True).items():
        setattr(item, key, value)
    db.commit()
    return item


@app.post("/items", response_model=ItemOut)
def made_of_a_payload(values: ItemIn, db: Session = Depends(get_db)):
    item = Item(**values.model_dump())
    db.add(item)
    db.commit()
    return item


@app.post("/any", response_model=ItemOut)
def made_of_anything(values: dict = Body(...), db: Session = Depends(get_db)):
    item = Item(**values)
    db.add(item)
    db.commit()
    return item


@app.post("/kept", response_model=ItemOut)
def made_of_what_comes_back_as_it_is(values: PlainIn, db: Session = Depends(get_db)):
    item = Item(**values.model_dump())
    db.add(item)
    db.commit()
    return item


@app.post("/helpers", response_model=ItemOut)
def made_by_a_helper(values: ItemIn, db: Session = Depends(get_db)):
    item = build(values)
    db.add(item)
    db.commit()
    return item


@app.put("/helpers/{number}")
def changed_by_a_helper(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    relabel(item, label)
    db.commit()
    return item.label


@app.put("/methods/{number}")
def changed_by_its_method(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    item.relabel(label)
    db.commit()
    return item.label


@app.post("/saved", response_model=ItemOut)
def saved_by_a_helper(values: ItemIn, db: Session = Depends(get_db)):
    return save(db, Item(**values.model_dump()))


@app.post("/renewed", response_model=ItemOut)
def refreshed_by_a_helper(values: ItemIn, db: Session = Depends(get_db)):
    return renew(db, Item(**values.model_dump()))


@app.post("/stored", response_model=ItemOut)
def stored_by_a_helper(values: ItemIn, db: Session = Depends(get_db)):
    item = Item(**values.model_dump())
    store(db, item)
    return item


@app.put("/numbers/{number}")
def held_by_the_caller(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    relabel_by_number(db, number, label)
    return item.label


@app.put("/counted/{number}")
def held_by_nobody(number: int, db: Session = Depends(get_db)):
    return [counted(db, number), len(listed(db))]


@app.post("/services", response_model=ItemOut)
def by_a_service(values: ItemIn, db: Session = Depends(get_db)):
    return Items(db).create(values)


@app.put("/services/{number}", response_model=Optional[ItemOut])
def by_a_service_that_may_find_nothing(number: int, values: ItemIn, db: Session = Depends(get_db)):
    return Items(db).update(number, values)


@app.put("/conditions/{number}")
def on_a_condition(number: int, values: ItemIn, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    if values.cost is not None:
        item.cost = values.cost
    if values.label:
        item.label = values.label
    db.commit()
    return {"cost": str(item.cost), "label": item.label}


@app.put("/either")
def made_or_loaded(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    if item is None:
        item = Item(name="either")
        db.add(item)
    item.label = label
    db.commit()
    return [item.name, item.label]


@app.put("/listed/{number}", response_model=List[ItemOut])
def queried_again_while_it_is_held(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    item.label = label
    db.commit()
    return listed(db)


@app.put("/all")
def objects_of_a_loop(label: str, db: Session = Depends(get_db)):
    items = db.scalars(select(Item).order_by(Item.id)).all()
    for item in items:
        item.label = label
    db.commit()
    return [item.label for item in items]


@app.put("/queried")
def objects_that_are_queried_again(label: str, db: Session = Depends(get_db)):
    for item in db.scalars(select(Item)):
        item.label = label
    db.commit()
    return [found.label for found in db.scalars(select(Item).order_by(Item.id))]


@app.post("/many", response_model=List[ItemOut])
def made_in_a_list(values: List[ItemIn], db: Session = Depends(get_db)):
    items = [Item(**each.model_dump()) for each in values]
    db.add_all(items)
    db.commit()
    return items


@app.put("/owners/{number}")
def of_another_object(number: int, db: Session = Depends(get_db)):
    item = db.scalars(select(Item).options(joinedload(Item.owner)).where(Item.id == number)).one()
    item.owner.email = "ANN@EXAMPLE.COM"
    db.commit()
    return [item.name, item.owner.email]


@app.put("/merged/{number}")
def merged(number: int, db: Session = Depends(get_db)):
    item = db.merge(Item(id=number, name="merged", label="MERGED"))
    db.commit()
    return item.label


@app.put("/rows/{number}")
def by_a_statement(number: int, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    db.execute(update(Item).where(Item.id == number).values(qty=func.coalesce(Item.qty, 0) + 1, label="ROW"))
    db.commit()
    return [item.qty, item.label]


@app.post("/logs")
def values_of_the_model(db: Session = Depends(get_db)):
    log = Log(text="made")
    db.add(log)
    db.commit()
    return str(log.made)


@app.put("/logs/{number}")
def values_that_come_with_others(number: int, db: Session = Depends(get_db)):
    log = db.get(Log, number)
    log.text = "changed"
    db.commit()
    return [log.text, log.mark]


@app.put("/types/{number}")
def of_many_types(number: int, kind: str, code: str, db: Session = Depends(get_db)):
    item = db.scalars(select(Item).where(Item.id == number)).one()
    item.kind = kind
    item.code = code
    item.data = {1: (2, 3)}
    item.cost = item.cost * Decimal("0.333")
    item.qty += 1
    db.commit()
    return [item.kind.value, item.code, item.data, str(item.cost), item.qty]


@app.put("/kinds/{number}")
def of_the_type_of_the_column(number: int, kind: Kind, db: Session = Depends(get_db)):
    item = db.scalars(select(Item).where(Item.id == number)).one()
    item.kind = kind
    item.name = item.name.upper()
    db.commit()
    return [item.kind.value, item.name]


@app.put("/other/{number}")
def another_one_is_refreshed(number: int, label: str, db: Session = Depends(get_db)):
    item, owner = db.get(Item, number), db.get(Owner, 1)
    item.label = label
    db.commit()
    db.refresh(owner)
    return [item.label, owner.name]


@app.put("/rebound/{number}")
def by_a_name_that_is_taken(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    first = item
    item.label = label
    item = db.get(Item, 1)
    db.commit()
    return [first.label, item.name]


@app.put("/line/{number}")
def on_one_line(number: int, label: str, db: Session = Depends(get_db)):
    item = db.get(Item, number)
    item.label = label
    db.commit(); found = item.label  # fmt: skip
    return found


@app.post("/owners/{number}/items")
def a_collection_that_has_grown(number: int, db: Session = Depends(get_db)):
    owner = db.get(Owner, number)
    before = len(owner.items)
    db.add(Item(name="grown", owner_id=number))
    db.commit()
    return [before, len(owner.items)]


@app.post("/owners/{number}/moved")
def collections_of_several_objects(number: int, db: Session = Depends(get_db)):
    owners = db.scalars(select(Owner).order_by(Owner.id)).all()
    before = [len(owner.items) for owner in owners]
    db.add(Item(name="several", owner_id=number))
    db.commit()
    return [before, [len(owner.items) for owner in owners]]


@app.post("/owners/{number}/counted")
def a_collection_that_a_helper_reads(number: int, db: Session = Depends(get_db)):
    owner = db.get(Owner, number)
    before = number_of_items(owner)
    db.add(Item(name="counted", owner_id=number))
    db.commit()
    return [before, number_of_items(owner)]


@app.get("/owners/{number}")
def a_collection_that_a_branch_commits(number: int, again: bool = False, db: Session = Depends(get_db)):
    owner = db.get(Owner, number)
    if again:
        db.add(Item(name="again", owner_id=number))
        db.commit()
        return "again"
    return len(owner.items)


@app.post("/owners/{number}/behind")
def a_collection_that_is_only_read_behind(number: int, db: Session = Depends(get_db)):
    owner = db.scalars(select(Owner).where(Owner.id == number)).one()
    logged(db, number)
    return [len(owner.items), [item.name for item in owner.items]]  # stays: written-between


@app.post("/owners/each")
def collections_of_another_object_in_each_round(db: Session = Depends(get_db)):
    found = []
    for owner in db.scalars(select(Owner).order_by(Owner.id)).all():
        found.append([len(owner.items), [item.name for item in owner.items]])  # stays: written-between
        logged(db, owner.id)
    return found


@app.post("/owners/{number}/again")
def a_collection_of_one_object_in_each_round(number: int, db: Session = Depends(get_db)):
    owner = db.scalars(select(Owner).where(Owner.id == number)).one()
    found = []
    for _ in range(2):
        found.append(len(owner.items))
        logged(db, number)
    return found


@app.post("/owners/{number}/placed")
def read_of_what_a_helper_has_refreshed(number: int, db: Session = Depends(get_db)):
    owner = db.scalars(select(Owner).where(Owner.id == number)).one()
    item = placed(db, owner, "placed")
    return [item.owner.name, owner.email]


@app.post("/owners/{number}/sorted")
def what_else_the_helper_is_called_by(number: int, db: Session = Depends(get_db)):
    owner = db.scalars(select(Owner).where(Owner.id == number)).one()
    return sorted(["b", "a"], key=lambda name: placed(db, owner, name).id)


@app.post("/owners/addresses")
def queried_again_behind_a_helper(db: Session = Depends(get_db)):
    owner = db.scalars(select(Owner).order_by(Owner.id).limit(1)).one()
    sorted(["b", "aa"], key=lambda email: readdressed(db, owner, email))
    return [owner.email for owner in db.scalars(select(Owner).order_by(Owner.id))]
