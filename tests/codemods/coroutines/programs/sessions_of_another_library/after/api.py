from fastapi import FastAPI

from session import SessionDep
from repositories import Controller

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    controller = Controller(db)
    return await controller.names()


@app.post("/tags/{name}")
async def add(name: str, db: SessionDep):
    controller = Controller(db)
    return await controller.add(name)
