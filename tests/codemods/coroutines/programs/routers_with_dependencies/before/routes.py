from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from database import get_db
from deps import current_user
from models import Team

router = APIRouter(prefix="/routed", dependencies=[Depends(current_user)])


@router.get("/users/{team_id}")
def users(team_id: int, db: Session = Depends(get_db)):
    team = db.get(Team, team_id)
    return [user.name for user in team.users]
