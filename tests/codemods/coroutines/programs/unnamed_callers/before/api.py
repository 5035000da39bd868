from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from deps import current_user, member_of, titles
from models import User

app = FastAPI()


@app.get("/me")
def me(user: User = Depends(current_user)):
    return user.name


@app.get("/titles")
def shown(db: Session = Depends(get_db), user: User = Depends(current_user)):
    return titles(db, user.id)


@app.get("/teams/{team_id}")
def team(team_id: int, user: User = Depends(current_user), member: bool = Depends(member_of)):
    return [user.name, member]
