from fastapi import Depends, FastAPI
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import Session

from shop.database import Base, get_database, get_db, get_session


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String)


app = FastAPI()


@app.post("/items")
def create(name: str, db: Session = Depends(get_db), same: Session = Depends(get_session)):
    db.add(Item(name=name))
    same.commit()
    return [db is same]


@app.get("/items")
def items(db: Session = Depends(get_database)):
    return [item.name for item in db.query(Item).order_by(Item.id)]
