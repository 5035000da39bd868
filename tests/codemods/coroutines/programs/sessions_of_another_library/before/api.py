from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from repositories import Controller

app = FastAPI()


@app.get("/tags")
async def tags(db: Session = Depends(get_db)):
    controller = Controller(db)
    return controller.names()


@app.post("/tags/{name}")
async def add(name: str, db: Session = Depends(get_db)):
    controller = Controller(db)
    return controller.add(name)
