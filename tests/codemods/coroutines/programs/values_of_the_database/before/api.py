from database import get_db
from fastapi import Depends, FastAPI
from items import Item, ItemPublic
from sqlmodel import Session, select

app = FastAPI()


@app.post("/flushed")
def flushed(db: Session = Depends(get_db)):
    item = db.get(Item, 1)
    item.title = "two"
    db.flush()
    seen = {"revision": item.revision, "size": item.size}
    db.commit()
    return seen


@app.post("/committed", response_model=ItemPublic)
def committed(db: Session = Depends(get_db)):
    item = db.exec(select(Item)).one()
    item.title = "three"
    db.commit()
    return item


@app.post("/overwritten")
def overwritten(db: Session = Depends(get_db)):
    item = db.exec(select(Item)).one()
    item.title = "four"
    db.commit()
    item.title = "four"
    db.commit()
    return item.revision
