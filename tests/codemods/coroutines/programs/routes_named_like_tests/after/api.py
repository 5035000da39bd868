from fastapi import FastAPI
from sqlalchemy import select

import test_mail
import test_results
from session import SessionDep
from models import Tag

app = FastAPI()
app.include_router(test_mail.router)


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/results")
async def results(db: SessionDep):
    return await test_results.names_of_results(db)
