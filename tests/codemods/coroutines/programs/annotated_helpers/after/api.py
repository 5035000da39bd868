from fastapi import BackgroundTasks, FastAPI
from sqlalchemy import select

from deps import CurrentTeam, CurrentUser, SessionDep, get_current_user
from models import Post, Tag
from session import SessionDep as SessionDep_
from tasks import NUMBERS, remind, tell

app = FastAPI()


@app.post("/posts")
async def create(title: str, user: CurrentUser, db: SessionDep, background: BackgroundTasks):
    db.add(Post(title=title, author_id=user.id))
    await db.commit()
    background.add_task(tell, user, title)
    return title


@app.post("/reminders")
async def remember(user: CurrentUser, db: SessionDep, background: BackgroundTasks):
    background.add_task(remind, user=await get_current_user(db, "ben"))
    return user.name


@app.get("/tags")
async def tags(db: SessionDep):
    return (await db.scalars(select(Tag.name).order_by(Tag.id))).all()


@app.get("/teams")
async def teams(session: SessionDep_, team: CurrentTeam, kind: str):
    return [team.name, await session.run_sync(lambda _: NUMBERS[kind](team))]  # alchemove: unknown-origin
