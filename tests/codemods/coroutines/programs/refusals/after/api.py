from alchemove import after_request, discard_uncommitted, loaded, rollback_and_reload, session_depends
from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Post, Tag, User
from own import CALLBACKS, Report, batches, total
from session import SessionDep, get_session

app = FastAPI()


def get_audited_db():  # stays: sync-session
    db = SessionLocal()
    try:
        db.info["audited"] = db.scalar(select(Tag.id).limit(1)) is not None
        yield db
        db.commit()
    finally:
        db.close()


@app.get("/total")
async def read_total(db: SessionDep):
    return {"total": await db.run_sync(total), "size": await db.run_sync(lambda db: Report(db).size), "len": await db.run_sync(lambda db: len(Report(db))), "first": await db.run_sync(lambda db: Report(db).first_name())}


@app.get("/batches")
async def read_batches(db: SessionDep):
    return await db.run_sync(lambda db: list(batches(db)))


@app.get("/callback")
async def read_callback(db: SessionDep):
    discard_uncommitted(db)
    return await db.run_sync(lambda db: CALLBACKS["name"](db, 1))


@app.post("/custom")
def custom(name: str, db: Session = Depends(get_audited_db)):  # stays: custom-dependency
    db.add(Tag(name=name))
    return {"audited": db.info["audited"]}


@app.post("/uncommitted")
async def uncommitted(name: str, db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.name == "ada"))).one()
    user.name = name
    if name != "ada":
        return {"name": user.name}
    await db.commit()
    return None


@app.post("/one-line")
def one_line(name: str, db: Session = Depends(get_db)): db.add(Tag(name=name))  # fmt: skip  # stays: uncommitted-write


@app.post("/transaction")
async def transaction(db: SessionDep):
    def in_session(db: Session):
        db.begin_nested()
        db.add(Tag(name="lost"))
        db.rollback()
        return len(db.scalars(select(Tag)).all())

    return await db.run_sync(in_session)


@app.post("/own")
def own(db: Session = Depends(get_db)):  # stays: sync-session
    with SessionLocal() as other:
        names = other.scalars(select(Tag.name)).all()
    return [*names, db.get(User, 1).name]


@app.post("/assigned")
async def assigned(db: SessionDep):
    def in_session(db: Session):
        others = [db.get(Post, 2)]
        post = db.get(Post, 1)
        post.tags = others[0].tags = [Tag(name="only")]
        db.commit()
        return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]

    return await db.run_sync(in_session)


@app.post("/rolled-back")
async def rolled_back(db: SessionDep):
    user = await db.get(User, 1)
    await db.run_sync(rollback_and_reload)
    return user.name


@app.post("/counted-on")
async def counted_on(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id))).all()
    await db.run_sync(rollback_and_reload)
    for user in users:
        user.logins += 1
    await db.flush()


@app.post("/background")
async def background(tasks: BackgroundTasks, db: SessionDep):
    tasks.add_task(after_request(db, total), db.sync_session)
    await db.rollback()


@app.get("/connection")
async def connection(db: SessionDep):
    def in_session(db: Session):
        return db.get_transaction() is None

    return await db.run_sync(in_session)


@app.get("/kept")
def kept(db: Session = Depends(get_db)):  # stays: deferred-outside-call
    name_of = lambda ident: db.get(User, ident).name  # noqa: E731
    return [name_of(1), name_of(2)]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    titles: list[str]

    @field_validator("titles", mode="before")
    @classmethod
    def shout(cls, value):
        return [title + "!" for title in value]


class LoudOut(UserOut):
    @model_validator(mode="after")
    def louder(self):
        self.name += "!"
        return self


@app.get("/validated", response_model=UserOut)
async def validated(db: SessionDep):
    return await db.run_sync(lambda _, value: UserOut.model_validate(value), (await db.scalars(select(User))).all()[-1])  # stays: model-reads


@app.get("/validated-twice", response_model=LoudOut)
async def validated_twice(db: SessionDep):
    return await db.run_sync(lambda _, value: loaded(LoudOut, value), (await db.scalars(select(User))).all()[-1])  # stays: model-reads


class PathOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    statement_of: int
    titles: list[str] = []

    @model_validator(mode="after")
    def louder(self):
        self.name += "!"
        return self


class Seen:
    """What FastAPI reads runs a statement each time."""

    def __init__(self, db: Session, user: User):
        self.db = db
        self.name = user.name

    @property
    def statement_of(self) -> int:  # stays: property
        return len(self.db.scalars(select(Tag)).all())


@app.get("/seen", response_model=PathOut)
def seen(db: Session = Depends(get_db)):  # stays: response-model
    return Seen(db, db.scalars(select(User)).all()[0])


async def current(db: SessionDep) -> User:
    first = await db.get(User, 2)
    return await db.get(User, 1) if first else first


@app.get("/shared")
async def shared(user: User = Depends(current), db: AsyncSession = session_depends(get_session)):
    def in_session(db: Session):
        return total(db) + len([(mine := user).posts, mine.posts][0])

    return await db.run_sync(in_session)


@app.get("/skipped")
def skipped(db: Session = Depends(get_db)):  # alchemove: skip
    return db.get(User, 1).name


def assign(db: Session) -> list[str]:  # stays: lazy-assignment
    post = db.get(Post, 2)
    post.tags = db.get(Post, 3).tags = [Tag(name="helped")]  # stays: held-before
    db.commit()
    db.refresh(post, attribute_names=["tags"])
    return [tag.name for tag in post.tags]


def mine(db: Session) -> int:  # stays: cannot-move
    return total(own := db) + len(own.scalars(select(Tag)).all())


def in_transaction(db: Session) -> bool:  # stays: session-method
    return db.get_transaction() is not None


@app.post("/helped")
async def helped(db: SessionDep):
    return [await db.run_sync(mine), await db.run_sync(in_transaction), await db.run_sync(assign)]
