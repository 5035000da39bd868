from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from crud import Teams, Users
from session import SessionDep

app = FastAPI()


class NameOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


@app.put("/users/{number}", response_model=NameOut)
async def rename_user(number: int, name: str, db: SessionDep):
    return await db.run_sync(lambda db: Users(db).rename(number, name))


@app.put("/teams/{number}", response_model=NameOut)
async def rename_team(number: int, name: str, db: SessionDep):
    def in_session(db: Session):
        return NameOut.model_validate(Teams(db).rename(number, name))

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
