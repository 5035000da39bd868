from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from deps import applied, async_get_committed, async_get_configured, async_get_executed, get_asked, get_audited, get_owned, get_paired
from models import Tag
from session import SessionDep

app = FastAPI()


def first(db: Session):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/plain")
async def plain(db: SessionDep):
    return [await db.run_sync(first), applied]


@app.get("/configured")
async def configured(db: AsyncSession = session_depends(async_get_configured)):
    return [await db.run_sync(first), db.info["tenant"]]


@app.post("/configured")
async def create(name: str, commit: bool = True, db: AsyncSession = session_depends(async_get_configured)):
    db.add(Tag(name=name))
    if commit:
        await db.commit()
    return [await db.scalar(select(func.count(Tag.id))), await db.run_sync(first)]


@app.get("/committed")
async def committed(db: AsyncSession = session_depends(async_get_committed)):
    return await db.run_sync(first)


@app.post("/committed")
async def create_committed(name: str, db: AsyncSession = session_depends(async_get_committed)):
    db.add(Tag(name=name))
    if name == "wrong":
        raise ValueError(name)
    return await db.run_sync(first)


@app.get("/executed")
async def executed(db: AsyncSession = session_depends(async_get_executed)):
    return [await db.run_sync(first), db.info["tenant"]]


@app.get("/audited")
def audited(db: Session = Depends(get_audited)):  # stays: custom-dependency
    return first(db)


@app.get("/asked")
def asked(db: Session = Depends(get_asked)):  # stays: custom-dependency
    return first(db)


@app.get("/owned")
def owned(db: Session = Depends(get_owned)):  # stays: custom-dependency
    return first(db)


@app.get("/paired")
def paired(db: Session = Depends(get_paired)):  # stays: custom-dependency
    return first(db)


@app.get("/pair")
def pair(db: Session = Depends(get_paired), plain: Session = Depends(get_db)):  # stays: custom-dependency
    return [first(db), first(plain)]
