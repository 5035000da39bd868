from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.orm import Session

from database import get_db
from repositories import Figures, Kept, Scope
from service import BlogService, NotFound

app = FastAPI()


def get_service(db: Session = Depends(get_db)) -> BlogService:
    return BlogService(db)


@app.get("/overview")
def overview(service: BlogService = Depends(get_service)):
    return service.overview()


@app.get("/counts")
def counts(service: BlogService = Depends(get_service)):
    return {"users": len(service.users.everything()), "posts": len(service.posts.everything())}


@app.post("/posts")
def write(name: str, title: str, service: BlogService = Depends(get_service)):
    try:
        return {"id": service.write(name, title).id}
    except NotFound:
        raise HTTPException(404)


@app.get("/figures")
def figures(db: Session = Depends(get_db)):
    made = Figures(db)
    return [made.users(), made.posts(), made.both(), Kept().of(db).first()]


def get_scope(name: str, db: Session = Depends(get_db)) -> Scope:
    return Scope(db, name)


@app.get("/scope")
def scope(scope: Scope = Depends(get_scope), db: Session = Depends(get_db)):
    other = Scope(name="ben", db=db)
    return [scope.user().id, other.user().id, scope.seen, other.seen]
