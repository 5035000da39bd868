from fastapi import FastAPI

import crud
from session import SessionDep

app = FastAPI()


@app.get("/me")
async def me(name: str, db: SessionDep):
    return {"id": (await crud.user_named(db, name)).id, "titles": await crud.titles(db)}
