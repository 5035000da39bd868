from database import get_db
from fastapi import Depends, FastAPI
from priced import Money, Offer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/priced/{id}")
def priced(id: int, db: Session = Depends(get_db)):
    offer = db.get(Offer, id)
    offer.price = Money(3, "USD")
    db.commit()
    return {"amount": str(offer.amount), "price": str(offer.price)}


@app.post("/dearer/{id}")
def dearer(id: int, db: Session = Depends(get_db)):
    offer = db.get(Offer, id)
    before = str(offer.price)
    offer.amount = 7
    db.commit()
    return {"before": before, "after": str(offer.price)}


@app.post("/ranked/{id}")
def ranked(id: int, db: Session = Depends(get_db)):
    offer = db.get(Offer, id)
    offer.rank = id
    db.commit()
    return {"rank": str(offer.rank), "column": str(offer._rank)}


@app.post("/made")
def made(db: Session = Depends(get_db)):
    offer = Offer(title="three", price=Money(5, "CHF"))
    db.add(offer)
    db.commit()
    return {"amount": str(offer.amount), "currency": offer.currency}


@app.get("/others/{id}")
def others(id: int, db: Session = Depends(get_db)):
    offer = db.get(Offer, id)
    return offer.others()


@app.get("/swallowed")
def swallowed(db: Session = Depends(get_db)):
    counted = {}
    for table in ("offers", "missing", "offers"):
        try:
            counted[table] = db.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        except SQLAlchemyError as error:
            counted[f"{table}: {type(error).__name__}"] = None
    return counted
