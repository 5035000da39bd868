
from api import app
from models import Tag
from session import SessionDep


@app.post("/tags")
async def create(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()
    return name
