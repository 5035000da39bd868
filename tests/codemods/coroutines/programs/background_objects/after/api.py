from alchemove import discard_uncommitted
from fastapi import BackgroundTasks, FastAPI

from session import SessionDep
from models import Tag, User

app = FastAPI()
SEEN = []


def note(user):
    SEEN.append(user.name)


@app.post("/a")
async def a(bg: BackgroundTasks, db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    db.add(Tag(name="lost"))
    bg.add_task(note, user)
    return user.name


@app.post("/b")
async def b(bg: BackgroundTasks, db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    user.logins = 3
    await db.flush()
    bg.add_task(note, user)
    return user.name


@app.get("/seen")
def seen():
    return SEEN
