from fastapi import Depends, FastAPI
from sqlalchemy import select

from session import SessionDep
from models import User

app = FastAPI()


@app.get("/names")
async def names(db: SessionDep):
    return [user.name for user in await db.scalars(select(User).order_by(User.id))]


@app.get("/none")
def none(db=Depends(lambda: None)):
    return db
