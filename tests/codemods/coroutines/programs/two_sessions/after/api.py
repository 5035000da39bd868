from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from session import SessionDep
from deps import active_user, get_db
from models import Team, User

app = FastAPI()


def is_member(team, user):
    return user in team.users


@app.get("/members/{team_id}")
def member(team_id: int, db: Session = Depends(get_db), user: User = Depends(active_user)):  # stays: two-sessions
    """It is another object of the same row."""
    return is_member(db.get(Team, team_id), user)


@app.post("/visits")
def visit(db: Session = Depends(get_db), user: User = Depends(active_user)):  # stays: two-sessions
    """Nobody commits it."""
    user.logins += 1
    db.commit()
    return user.logins


@app.post("/shown")
def shown(db: Session = Depends(get_db), user: User = Depends(active_user)):  # stays: two-sessions
    """The commit is none of the session of the user."""
    db.get(Team, 1).name = "green"
    db.commit()
    return user


@app.get("/logins")
async def logins(db: SessionDep):
    return [(await db.get(User, key)).logins for key in (1, 2)]
