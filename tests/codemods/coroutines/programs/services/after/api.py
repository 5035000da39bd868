from alchemove import session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep, get_session
from repositories import Figures, Kept, Scope
from service import BlogService, NotFound

app = FastAPI()


def get_service(db: SessionDep) -> BlogService:
    return BlogService(db)


@app.get("/overview")
async def overview(service: BlogService = Depends(get_service)):
    return await service.overview()


@app.get("/counts")
async def counts(service: BlogService = Depends(get_service)):
    return {"users": len(await service.users.everything()), "posts": len(await service.posts.everything())}


@app.post("/posts")
async def write(name: str, title: str, service: BlogService = Depends(get_service)):
    try:
        return {"id": (await service.write(name, title)).id}
    except NotFound:
        raise HTTPException(404)


@app.get("/figures")
async def figures(db: SessionDep):
    made = Figures(db)
    return [await made.users(), await made.posts(), await made.both(), await Kept().of(db).first()]


def get_scope(name: str, db: SessionDep) -> Scope:
    return Scope(db, name)


@app.get("/scope")
async def scope(scope: Scope = Depends(get_scope), db: AsyncSession = session_depends(get_session)):
    other = Scope(name="ben", db=db)
    return [(await scope.user()).id, (await other.user()).id, scope.seen, other.seen]
