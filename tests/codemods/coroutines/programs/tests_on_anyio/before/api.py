from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

import crud
from database import get_db

app = FastAPI()


@app.get("/me")
def me(name: str, db: Session = Depends(get_db)):
    return {"id": crud.user_named(db, name).id, "titles": crud.titles(db)}
