from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from database import get_db
from models import Folder

app = FastAPI()


class Named(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class Inner(Named):
    parent: Named | None


class Outer(Named):
    children: list[Named]


@app.post("/inner", response_model=Inner)
def inner(name: str, parent_id: int, db: Session = Depends(get_db)):
    folder = Folder(name=name, parent_id=parent_id)
    db.add(folder)
    db.commit()
    db.refresh(folder)
    return folder  # alchemove: new-object


@app.post("/outer", response_model=Outer)
def outer(name: str, db: Session = Depends(get_db)):
    folder = Folder(name=name)
    db.add(folder)
    db.commit()
    db.refresh(folder)
    return folder


@app.post("/named")
def named(parent_id: int, db: Session = Depends(get_db)):
    folder = Folder(name="named", parent_id=parent_id)
    db.add(folder)
    db.flush()
    db.refresh(folder, attribute_names=["parent"])
    return folder.parent.name  # alchemove: new-object
