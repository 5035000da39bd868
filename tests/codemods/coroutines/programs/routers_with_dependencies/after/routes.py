from fastapi import APIRouter, Depends
from sqlalchemy.orm import selectinload

from session import SessionDep
from deps import current_user
from models import Team

router = APIRouter(prefix="/routed", dependencies=[Depends(current_user)])


@router.get("/users/{team_id}")
async def users(team_id: int, db: SessionDep):
    team = await db.get(Team, team_id, options=[selectinload(Team.users)])
    return [user.name for user in team.users]
