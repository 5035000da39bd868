from session import SessionDep
from fastapi import FastAPI
from priced import Money, Offer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

app = FastAPI()


@app.post("/priced/{id}")
async def priced(id: int, db: SessionDep):
    offer = await db.get(Offer, id)
    offer.price = Money(3, "USD")
    await db.commit()
    await db.refresh(offer, attribute_names=["amount", "currency"])
    return {"amount": str(offer.amount), "price": str(offer.price)}


@app.post("/dearer/{id}")
async def dearer(id: int, db: SessionDep):
    offer = await db.get(Offer, id)
    before = str(offer.price)
    offer.amount = 7
    await db.commit()
    await db.refresh(offer, attribute_names=["amount"])
    return {"before": before, "after": str(offer.price)}


@app.post("/ranked/{id}")
async def ranked(id: int, db: SessionDep):
    offer = await db.get(Offer, id)
    offer.rank = id
    await db.commit()
    await db.refresh(offer, attribute_names=["_rank"])
    return {"rank": str(offer.rank), "column": str(offer._rank)}


@app.post("/made")
async def made(db: SessionDep):
    offer = Offer(title="three", price=Money(5, "CHF"))
    db.add(offer)
    await db.commit()
    await db.refresh(offer, attribute_names=["amount", "currency"])
    return {"amount": str(offer.amount), "currency": offer.currency}


@app.get("/others/{id}")
async def others(id: int, db: SessionDep):
    offer = await db.get(Offer, id)
    return await db.run_sync(lambda _: offer.others())


@app.get("/swallowed")
async def swallowed(db: SessionDep):
    counted = {}
    for table in ("offers", "missing", "offers"):
        try:
            counted[table] = (await db.execute(text(f"SELECT count(*) FROM {table}"))).scalar()
        except SQLAlchemyError as error:
            counted[f"{table}: {type(error).__name__}"] = None
    return counted
