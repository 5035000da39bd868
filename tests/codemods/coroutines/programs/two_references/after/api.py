from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from session import SessionDep
from firms import Firm, Person

app = FastAPI()


@app.get("/owners")
async def owners(db: SessionDep):
    return [person.firm.owner.name for person in await db.scalars(select(Person).order_by(Person.id).options(joinedload(Person.firm).joinedload(Firm.owner)))]


@app.get("/colleagues")
async def colleagues(db: SessionDep):
    return [[other.name for other in p.firm.people] for p in await db.scalars(select(Person).order_by(Person.id).options(joinedload(Person.firm).selectinload(Firm.people)))]


@app.post("/owners/{ident}")
async def rename(ident: int, db: SessionDep):
    def in_session(db: Session):
        person = db.get(Person, ident)
        person.firm.owner.name += "!"
        db.commit()
        return [person.name, person.firm.owner.name]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.get("/owned/{ident}")
async def owned(ident: int, db: SessionDep):
    person = await db.get(Person, ident)
    return (await db.run_sync(lambda _: person.owned.owner)).name if await db.run_sync(lambda _: person.owned) else None  # stays: held-before
