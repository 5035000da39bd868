from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import current_team, current_user, get_db
from models import Tag, Team, User

app = FastAPI()


def allowed(user: User, team_id: int) -> bool:
    member = user
    return member.team_id == team_id


@app.get("/teams/{team_id}")
def team(team_id: int, db: Session = Depends(get_db), user: User = Depends(current_user)):
    if not user or not allowed(user, team_id=team_id):
        return None
    return db.get(Team, team_id).name


@app.get("/own")
def own(db: Session = Depends(get_db), team_id: int | None = Depends(current_team)):
    found = db.get(Team, team_id) if team_id is not None else None
    return {"id": team_id, "number": [team_id, 1][0], "name": found and found.name}


@app.post("/tags")
def tag(db: Session = Depends(get_db), user: User = Depends(current_user)):
    db.add(Tag(name=f"by {user.name}"))
    db.commit()
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]
