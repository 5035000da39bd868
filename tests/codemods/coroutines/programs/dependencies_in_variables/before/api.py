from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from guards import chosen, handed
from models import Team, User
from routers import handlers_router, tags_router

app = FastAPI()
app.include_router(tags_router(None, handed), prefix="/open")
app.include_router(tags_router("blue", write_guard=handed), prefix="/blue")
app.include_router(handlers_router("handled"), prefix="/handled")

strict: object = chosen(True)


@app.get("/strict")
def strictly(user: User = Depends(strict), db: Session = Depends(get_db)):
    return [user.name, db.get(Team, user.team_id).name]


@app.get("/mild")
def mildly(user: User = Depends(chosen(False)), db: Session = Depends(get_db)):
    return [user.name, db.get(Team, user.team_id).name]
