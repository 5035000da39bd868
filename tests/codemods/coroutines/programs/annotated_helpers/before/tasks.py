"""What the program calls itself: FastAPI fills no parameter of it, however that is annotated."""

from sqlalchemy import func, select

from database import SessionLocal
from deps import CurrentTeam, CurrentUser
from models import Post, Tag, User


def tell(user: CurrentUser, title: str):  # stays: not-reached
    with SessionLocal() as db:
        db.add(Tag(name=f"{user.name}: {title}"))
        db.commit()


def remind(user: CurrentUser):  # stays: not-reached
    tell(user, "write something")


def members(team: CurrentTeam):  # stays: not-reached
    with SessionLocal() as db:
        return db.scalar(select(func.count(User.id)).where(User.team_id == team.id))


def written(team: CurrentTeam):  # stays: not-reached
    with SessionLocal() as db:
        return db.scalar(select(func.count(Post.id)).join(User).where(User.team_id == team.id))


# Who takes a function from here may have FastAPI call it.
NUMBERS = {"members": members, "written": written}
