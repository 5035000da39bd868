from database import create_db_and_tables
from dependencies import get_session
from fastapi import Depends, FastAPI
from models import Hero
from sqlmodel import Session, select

app = FastAPI(on_startup=[create_db_and_tables])


@app.post("/heroes/")
def create_hero(name: str, session: Session = Depends(get_session)) -> list[str]:
    session.add(Hero(name=name))
    session.commit()
    return list(session.exec(select(Hero.name)))
