from typing import List, Optional, Tuple

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from words import Team, User

app = FastAPI()


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    words: List[str]
    team_name: Optional[str]


@app.get("/names")
def names(db: Session = Depends(get_db)):
    return list(db.scalars(select(Team)).one().names)


@app.get("/words")
def words(db: Session = Depends(get_db)):
    return [[word for word in user.words] for user in db.scalars(select(User).order_by(User.id))]


@app.get("/teams")
def teams(db: Session = Depends(get_db)):
    return [user.team_name for user in db.scalars(select(User).order_by(User.id))]


@app.get("/users", response_model=List[UserOut])
def users(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()


@app.get("/pair", response_model=Tuple[UserOut, UserOut])
def pair(db: Session = Depends(get_db)):
    return db.get(User, 1), db.get(User, 2)  # stays: model-reads


@app.get("/held")
def held(db: Session = Depends(get_db)):
    by_name = {user.name: user for user in db.scalars(select(User))}
    return list(by_name["ada"].words)


@app.post("/word")
def word(db: Session = Depends(get_db)):
    user = db.get(User, 2)
    user.words.append("new")
    db.commit()
    return list(user.words)


@app.post("/made")
def made(db: Session = Depends(get_db)):
    user = User(name="made", team_id=1)
    db.add(user)
    db.flush()
    found = [user.team_name, list(user.words)]
    db.commit()
    return found
