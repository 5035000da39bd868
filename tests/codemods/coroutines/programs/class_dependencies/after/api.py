from typing import Annotated

from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI

from services import Posts, Tags, Team, Users
from session import SessionDep

app = FastAPI()


@app.get("/users")
async def read_users(users: Annotated[Users, Depends()]):
    return await users.names()


@app.get("/first")
async def read_first(team: Annotated[Team, Depends()], users: Users = Depends()):
    return {"first": await team.first(), "all": len(await users.names())}


@app.get("/tags")
async def read_tags(tags: Annotated[Tags, Depends()]):
    return await tags.names()


@app.post("/tags")
async def forget_tag(session: SessionDep, name: str, tags: Annotated[Tags, Depends()]):
    discard_uncommitted(session)
    tags.drop(name)
    return await tags.names()


@app.post("/posts")
async def forget_post(session: SessionDep, posts: Annotated[Posts, Depends()]):
    discard_uncommitted(session)
    return await posts.leave("lost")
