from fastapi import Depends, FastAPI

import imports
from session import SessionDep
from notes import Notes, Tags

app = FastAPI()


def get_notes(db: SessionDep) -> Notes:
    return Notes(db)


def get_tags(db: SessionDep) -> Tags:
    return Tags(db.sync_session)


@app.get("/users/{ident}")
async def read(ident: int, notes: Notes = Depends(get_notes)):
    return await notes.get(ident)


@app.put("/users/{ident}")
async def rename(ident: int, name: str, notes: Notes = Depends(get_notes)):
    return {"open": await notes.open(ident), "changed": await notes.update(ident, name)}


@app.get("/posts")
async def posts(session: SessionDep, tags: Tags = Depends(get_tags)):
    return {"found": await session.run_sync(lambda _: tags.pop("one")), "all": await session.run_sync(lambda _: tags.count())}


@app.post("/import")
def load(rows: list[dict]):
    return imports.names(rows)
