import smtplib

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import SessionDep
from deps import current_user, member_of, titles
from models import User

app = FastAPI()


@app.get("/me")
def me(user: User = Depends(current_user)):
    return user.name


@app.get("/titles")
async def shown(db: SessionDep, user: User = Depends(current_user)):
    return await titles(db, user.id)


@app.get("/teams/{team_id}")
def team(team_id: int, user: User = Depends(current_user), member: bool = Depends(member_of)):
    return [user.name, member]


class Accounts:
    def __init__(self, db: AsyncSession) -> None:
        self.db = db

    async def login(self, name: str, password: str):
        return await self.db.run_sync(lambda session: session.query(User).filter(User.name == name).first())


class Notices:
    def __init__(self, db: Session) -> None:
        self.db = db

    def noop(self, name: str):  # stays: unfollowed-calls
        return self.db.query(User).filter(User.name == name).first()


@app.get("/login/{name}")
async def login(name: str, db: SessionDep):
    return (await Accounts(db).login(name, "")).name


@app.get("/notices/{name}")
async def notices(name: str, db: SessionDep):
    return (await db.run_sync(lambda db: Notices(db).noop(name))).name


@app.get("/mail/{port}")
async def mail(port: int, secure: bool = False):
    # The class of the first server is one of the standard library; that of the second is not known.
    try:
        server = smtplib.SMTP_SSL("localhost", port) if secure else smtplib.SMTP("localhost", port)
        server.login("me", "secret")
    except OSError:
        return "nobody listens"
    return app.extra["server"].noop("me")
