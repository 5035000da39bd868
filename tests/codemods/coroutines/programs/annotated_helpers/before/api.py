from fastapi import BackgroundTasks, FastAPI
from sqlalchemy import select

from deps import CurrentTeam, CurrentUser, SessionDep, get_current_user
from models import Post, Tag
from tasks import NUMBERS, remind, tell

app = FastAPI()


@app.post("/posts")
def create(title: str, user: CurrentUser, db: SessionDep, background: BackgroundTasks):
    db.add(Post(title=title, author_id=user.id))
    db.commit()
    background.add_task(tell, user, title)
    return title


@app.post("/reminders")
def remember(user: CurrentUser, db: SessionDep, background: BackgroundTasks):
    background.add_task(remind, user=get_current_user(db, "ben"))
    return user.name


@app.get("/tags")
def tags(db: SessionDep):
    return db.scalars(select(Tag.name).order_by(Tag.id)).all()


@app.get("/teams")
def teams(team: CurrentTeam, kind: str):
    return [team.name, NUMBERS[kind](team)]  # alchemove: unknown-origin
