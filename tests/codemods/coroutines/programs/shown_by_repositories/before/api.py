"""Objects that repositories update, and that endpoints without a response model show: what one repository reads, others do not."""

from database import get_db
from fastapi import Depends, FastAPI
from repositories import posts, teams, users
from sqlalchemy.orm import Session

app = FastAPI()


@app.put("/user")
async def user(db: Session = Depends(get_db)):
    found = users.get(db, 1)
    found = users.update(db, db_obj=found, values={"name": "ADA"})
    return found


@app.put("/team")
async def team(db: Session = Depends(get_db)):
    found = teams.get(db, 1)
    updated = teams.update(db, db_obj=found, values={"name": "green"})
    return updated


@app.put("/post")
async def post(db: Session = Depends(get_db)):
    found = posts.get(db, 1)
    updated = posts.update(db, db_obj=found, values={"title": "again"})
    return {"title": updated.title, "post": updated}


@app.put("/other")
async def other(db: Session = Depends(get_db)):
    found = teams.get(db, 2)
    return teams.update(db, db_obj=found, values={"name": "white"})
