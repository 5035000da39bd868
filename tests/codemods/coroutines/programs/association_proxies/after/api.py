from typing import List, Optional, Tuple

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from session import SessionDep
from words import Team, User

app = FastAPI()


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    words: List[str]
    team_name: Optional[str]


@app.get("/names")
async def names(db: SessionDep):
    return list((await db.scalars(select(Team).options(selectinload(Team.users)))).one().names)


@app.get("/words")
async def words(db: SessionDep):
    return [[word for word in user.words] for user in await db.scalars(select(User).order_by(User.id).options(selectinload(User.keywords)))]


@app.get("/teams")
async def teams(db: SessionDep):
    return [user.team_name for user in await db.scalars(select(User).order_by(User.id).options(joinedload(User.team)))]


@app.get("/users", response_model=List[UserOut])
async def users(db: SessionDep):
    return (await db.scalars(select(User).order_by(User.id).options(selectinload(User.keywords), joinedload(User.team)))).all()


@app.get("/pair", response_model=Tuple[UserOut, UserOut])
async def pair(db: SessionDep):
    return await db.run_sync(lambda _, value: TypeAdapter(Tuple[UserOut, UserOut]).validate_python(value, from_attributes=True), (await db.get(User, 1), await db.get(User, 2)))  # stays: model-reads


@app.get("/held")
async def held(db: SessionDep):
    def in_session(db: Session):
        by_name = {user.name: user for user in db.scalars(select(User))}
        return list(by_name["ada"].words)

    return await db.run_sync(in_session)


@app.post("/word")
async def word(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 2)
        user.words.append("new")
        db.commit()
        return list(user.words)

    return await db.run_sync(in_session)


@app.post("/made")
async def made(db: SessionDep):
    user = User(name="made", team_id=1)
    db.add(user)
    await db.flush()
    await db.refresh(user, attribute_names=["keywords", "team"])
    found = [user.team_name, list(user.words)]
    await db.commit()
    return found
