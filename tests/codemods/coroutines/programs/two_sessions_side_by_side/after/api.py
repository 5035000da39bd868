from fastapi import Depends, FastAPI
from sqlalchemy import select

from deps import current_team, current_user
from models import Tag, Team, User
from session import SessionDep

app = FastAPI()


def allowed(user: User, team_id: int) -> bool:
    member = user
    return member.team_id == team_id


@app.get("/teams/{team_id}")
async def team(team_id: int, db: SessionDep, user: User = Depends(current_user)):
    if not user or not allowed(user, team_id=team_id):
        return None
    return (await db.get(Team, team_id)).name


@app.get("/own")
async def own(db: SessionDep, team_id: int | None = Depends(current_team)):
    found = await db.get(Team, team_id) if team_id is not None else None
    return {"id": team_id, "number": [team_id, 1][0], "name": found and found.name}


@app.post("/tags")
async def tag(db: SessionDep, user: User = Depends(current_user)):
    db.add(Tag(name=f"by {user.name}"))
    await db.commit()
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]
