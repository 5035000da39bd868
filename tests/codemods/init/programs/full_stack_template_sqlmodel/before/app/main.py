from fastapi import FastAPI
from sqlmodel import select

from app.deps import SessionDep
from app.models import User

app = FastAPI()


@app.get("/users")
def users(session: SessionDep) -> list[str]:
    return [user.email for user in session.exec(select(User))]
