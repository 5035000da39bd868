from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from database import get_db
from models import Post, Team, User

app = FastAPI()


@app.get("/team")
def team(name: str, db: Session = Depends(get_db)):
    """The option goes on to posts already; their team is asked for as well."""
    found = db.scalars(
        select(Team).where(Team.name == name).options(selectinload(Team.users).selectinload(User.posts))
    ).one()
    return [[user.name, user.team.name, [post.title for post in user.posts]] for user in found.users]


@app.get("/posts")
def posts(db: Session = Depends(get_db)):
    found = db.scalars(
        select(Post)
        .order_by(Post.id)
        .options(
            joinedload(Post.author).joinedload(User.team),
            selectinload(Post.tags),
        )
    )
    return [
        [post.author.team.name, [other.title for other in post.author.posts], [tag.name for tag in post.tags]]
        for post in found
    ]


@app.get("/deeper")
def deeper(db: Session = Depends(get_db)):
    found = db.scalars(
        select(Team).order_by(Team.id).options(selectinload(Team.users).selectinload(User.posts).selectinload(Post.tags))
    )
    return [
        [[post.author.name, [tag.name for tag in post.tags]] for user in team.users for post in user.posts]
        for team in found
    ]


@app.get("/last")
def last(db: Session = Depends(get_db)):
    found = db.scalars(select(Team).order_by(Team.id).options(selectinload(Team.users)))
    return [[[post.title for post in user.posts] for user in team.users] for team in found]


@app.get("/enough")
def enough(db: Session = Depends(get_db)):
    found = db.scalars(select(Team).order_by(Team.id).options(selectinload(Team.users).selectinload(User.posts)))
    return [[[post.title for post in user.posts] for user in team.users] for team in found]
