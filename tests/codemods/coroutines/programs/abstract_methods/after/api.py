from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from session import SessionDep
from models import Tag
from services import KEPT, Listed, StoredTags, Tags

app = FastAPI()


def tags_of(db: SessionDep) -> Tags:
    return StoredTags(db)


@app.post("/tags")
async def create(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()


@app.get("/names")
async def names(tags: Tags = Depends(tags_of)):
    return await tags.names()


@app.get("/first")
async def first(db: SessionDep):
    def in_session(db: Session):
        return [run(Listed(db)) for run in KEPT]

    return await db.run_sync(in_session)
