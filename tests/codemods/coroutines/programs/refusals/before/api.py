from fastapi import BackgroundTasks, Depends, FastAPI
from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Post, Tag, User
from own import CALLBACKS, Report, batches, total

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
def read_total(db: Session = Depends(get_db)):
    return {"total": total(db), "size": Report(db).size, "len": len(Report(db)), "first": Report(db).first_name()}


@app.get("/batches")
def read_batches(db: Session = Depends(get_db)):
    return list(batches(db))


@app.get("/callback")
def read_callback(db: Session = Depends(get_db)):
    return CALLBACKS["name"](db, 1)


@app.post("/custom")
def custom(name: str, db: Session = Depends(get_audited_db)):  # stays: custom-dependency
    db.add(Tag(name=name))
    return {"audited": db.info["audited"]}


@app.post("/uncommitted")
def uncommitted(name: str, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == "ada")).one()
    user.name = name
    if name != "ada":
        return {"name": user.name}
    db.commit()
    return None


@app.post("/one-line")
def one_line(name: str, db: Session = Depends(get_db)): db.add(Tag(name=name))  # fmt: skip  # stays: uncommitted-write


@app.post("/transaction")
def transaction(db: Session = Depends(get_db)):
    db.begin_nested()
    db.add(Tag(name="lost"))
    db.rollback()
    return len(db.scalars(select(Tag)).all())


@app.post("/own")
def own(db: Session = Depends(get_db)):  # stays: sync-session
    with SessionLocal() as other:
        names = other.scalars(select(Tag.name)).all()
    return [*names, db.get(User, 1).name]


@app.post("/assigned")
def assigned(db: Session = Depends(get_db)):
    others = [db.get(Post, 2)]
    post = db.get(Post, 1)
    post.tags = others[0].tags = [Tag(name="only")]
    db.commit()
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/rolled-back")
def rolled_back(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    db.rollback()
    return user.name


@app.post("/counted-on")
def counted_on(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    db.rollback()
    for user in users:
        user.logins += 1
    db.commit()


@app.post("/background")
def background(tasks: BackgroundTasks, db: Session = Depends(get_db)):
    tasks.add_task(total, db)
    db.rollback()


@app.get("/connection")
def connection(db: Session = Depends(get_db)):
    return db.get_transaction() is None


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
def validated(db: Session = Depends(get_db)):
    return db.scalars(select(User)).all()[-1]  # stays: model-reads


@app.get("/validated-twice", response_model=LoudOut)
def validated_twice(db: Session = Depends(get_db)):
    return db.scalars(select(User)).all()[-1]  # stays: model-reads


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


def current(db: Session = Depends(get_db)) -> User:
    first = db.get(User, 2)
    return db.get(User, 1) if first else first


@app.get("/shared")
def shared(user: User = Depends(current), db: Session = Depends(get_db)):
    return total(db) + len([(mine := user).posts, mine.posts][0])


@app.get("/skipped")
def skipped(db: Session = Depends(get_db)):  # alchemove: skip
    return db.get(User, 1).name


def assign(db: Session) -> list[str]:  # stays: lazy-assignment
    post = db.get(Post, 2)
    post.tags = db.get(Post, 3).tags = [Tag(name="helped")]  # stays: held-before
    db.commit()
    return [tag.name for tag in post.tags]


def mine(db: Session) -> int:  # stays: cannot-move
    return total(own := db) + len(own.scalars(select(Tag)).all())


def in_transaction(db: Session) -> bool:  # stays: session-method
    return db.get_transaction() is not None


@app.post("/helped")
def helped(db: Session = Depends(get_db)):
    return [mine(db), in_transaction(db), assign(db)]
