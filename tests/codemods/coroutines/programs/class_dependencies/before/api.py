from typing import Annotated

from fastapi import Depends, FastAPI

from services import Posts, Tags, Team, Users

app = FastAPI()


@app.get("/users")
def read_users(users: Annotated[Users, Depends()]):
    return users.names()


@app.get("/first")
def read_first(team: Annotated[Team, Depends()], users: Users = Depends()):
    return {"first": team.first(), "all": len(users.names())}


@app.get("/tags")
def read_tags(tags: Annotated[Tags, Depends()]):
    return tags.names()


@app.post("/tags")
def forget_tag(name: str, tags: Annotated[Tags, Depends()]):
    tags.drop(name)
    return tags.names()


@app.post("/posts")
def forget_post(posts: Annotated[Posts, Depends()]):
    return posts.leave("lost")
