from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from crud import Teams, Users
from database import get_db

app = FastAPI()


class NameOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


@app.put("/users/{number}", response_model=NameOut)
def rename_user(number: int, name: str, db: Session = Depends(get_db)):
    return Users(db).rename(number, name)


@app.put("/teams/{number}", response_model=NameOut)
def rename_team(number: int, name: str, db: Session = Depends(get_db)):
    return Teams(db).rename(number, name)
