from typing import Annotated, Any

from alchemove import session_depends
from fastapi import FastAPI, HTTPException
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, select

import crud
from session import get_session
from items import Item, ItemCreate, ItemPublic, ItemsPublic

app = FastAPI()
SessionDep = Annotated[AsyncSession, session_depends(get_session)]


@app.get("/items", response_model=ItemsPublic)
async def read_items(session: SessionDep, skip: int = 0, limit: int = 100) -> Any:
    count_statement = select(func.count()).select_from(Item)
    count = (await session.scalars(count_statement)).one()
    items = (await session.scalars(select(Item).order_by(col(Item.id)).offset(skip).limit(limit).options(selectinload(Item.box)))).all()
    return ItemsPublic(data=items, count=count)


@app.get("/items/sizes")
async def sizes(session: SessionDep) -> Any:
    rows = (await session.execute(select(Item.title, Item.size).order_by(Item.title))).all()
    return {title: size for title, size in rows}


@app.get("/items/{item_id}", response_model=ItemPublic)
async def read_item(session: SessionDep, item_id: int) -> Any:
    item = await session.get(Item, item_id, options=[joinedload(Item.box)])
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    return item


@app.post("/items", response_model=ItemPublic)
async def create_item(*, session: SessionDep, item_in: ItemCreate) -> Any:
    return await crud.create_item(session=session, item_in=item_in)


@app.delete("/items")
async def delete_items(session: SessionDep, title: str) -> Any:
    await session.execute(delete(Item).where(col(Item.title) == title))
    await session.commit()
    return {"left": len((await session.scalars(select(Item))).all())}
