from fastapi import Depends, FastAPI

from session import SessionDep
from deps import current_user, member_of, titles
from models import User

app = FastAPI()


@app.get("/me")
def me(user: User = Depends(current_user)):
    return user.name


@app.get("/titles")
async def shown(db: SessionDep, user: User = Depends(current_user)):
    return await titles(db, user.id)


@app.get("/teams/{team_id}")
def team(team_id: int, user: User = Depends(current_user), member: bool = Depends(member_of)):
    return [user.name, member]
