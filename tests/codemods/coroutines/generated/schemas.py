"""What the endpoints answer with."""

from pydantic import BaseModel, ConfigDict


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    logins: int
    level: int | None
    team_id: int | None


class FullOut(UserOut):
    team: TeamOut | None
    posts: list[PostOut]
    label: str
    titles: list[str]


class TeamFull(TeamOut):
    users: list[UserOut]


class PostFull(PostOut):
    author: UserOut
