from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Session, col, delete, func, select

import crud
from database import get_db
from items import Item, ItemCreate, ItemPublic, ItemsPublic

app = FastAPI()
SessionDep = Annotated[Session, Depends(get_db)]


@app.get("/items", response_model=ItemsPublic)
def read_items(session: SessionDep, skip: int = 0, limit: int = 100) -> Any:
    count_statement = select(func.count()).select_from(Item)
    count = session.exec(count_statement).one()
    items = session.exec(select(Item).order_by(col(Item.id)).offset(skip).limit(limit)).all()
    return ItemsPublic(data=items, count=count)


@app.get("/items/sizes")
def sizes(session: SessionDep) -> Any:
    rows = session.exec(select(Item.title, Item.size).order_by(Item.title)).all()
    return {title: size for title, size in rows}


@app.get("/items/{item_id}", response_model=ItemPublic)
def read_item(session: SessionDep, item_id: int) -> Any:
    item = session.get(Item, item_id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    return item


@app.post("/items", response_model=ItemPublic)
def create_item(*, session: SessionDep, item_in: ItemCreate) -> Any:
    return crud.create_item(session=session, item_in=item_in)


@app.delete("/items")
def delete_items(session: SessionDep, title: str) -> Any:
    session.exec(delete(Item).where(col(Item.title) == title))
    session.commit()
    return {"left": len(session.exec(select(Item)).all())}
