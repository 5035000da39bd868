from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from crud import latest, rename, save
from database import get_db
from models import Tag, Team, User

app = FastAPI()


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    logins: int


@app.put("/unsynchronised", response_model=UserOut)
def unsynchronised(name: str, db: Session = Depends(get_db)):
    user = db.get(User, 1)
    if user is None:
        return None
    db.execute(update(User).where(User.id == 1).values(name=name).execution_options(synchronize_session=False))
    db.commit()  # what others see
    return db.scalars(select(User).where(User.id == 1)).first()


@app.put("/textual", response_model=UserOut)
def textual(db: Session = Depends(get_db)):
    before = db.get(User, 2).logins
    db.execute(text("UPDATE users SET logins = :n WHERE id = 2"), {"n": before + 5})
    db.commit()
    user = db.get(User, 2)
    return user


@app.put("/table", response_model=list[UserOut])
def table(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    count = len(users)
    db.execute(update(User.__table__).values(logins=count))
    db.commit()
    found = []
    for user in db.scalars(select(User).order_by(User.id)):
        found.append(user)
    return found


@app.put("/refreshed")
def refreshed(db: Session = Depends(get_db)):
    team = db.get(Team, 1)
    db.execute(text("UPDATE teams SET name = 'navy' WHERE id = 1"))
    db.commit()
    db.refresh(team)
    return {"name": team.name}


@app.put("/used")
def used(db: Session = Depends(get_db)):
    team = db.get(Team, 2)
    db.execute(text("UPDATE teams SET name = 'rose' WHERE id = 2"))
    db.commit()
    return {"name": team.name}


@app.put("/helper", response_model=UserOut)
def by_a_helper(db: Session = Depends(get_db)):
    assert latest(db).id
    rename(db, 3, "zoe")
    save(db)
    return latest(db)


@app.delete("/nothing")
def nothing_is_read(db: Session = Depends(get_db)):
    tag = db.get(Tag, 1)
    name = tag.name
    db.execute(delete(Tag).where(Tag.id == 99).execution_options(synchronize_session=False))
    db.commit()
    return {"name": name}


@app.put("/synchronised", response_model=UserOut)
def synchronised(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    db.execute(update(User).where(User.id == user.id).values(logins=7))
    db.commit()
    return db.get(User, 1)


@app.put("/line", response_model=UserOut)
def on_one_line(db: Session = Depends(get_db)):
    db.execute(text("UPDATE users SET logins = 9 WHERE id = 1"))
    db.commit(); found = db.get(User, 1)  # fmt: skip
    return found


@app.put("/replaced")
def replaced(db: Session = Depends(get_db)):
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    tag = db.get(Tag, 2)
    before = tag.name
    statement = insert(Tag).values(id=2, name="replaced")
    db.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"name": statement.excluded.name}))
    db.commit()
    return [before, tag.name]


@app.put("/inserted")
def inserted(db: Session = Depends(get_db)):
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    tag = db.get(Tag, 2)
    before = tag.name
    db.execute(insert(Tag).values(id=2, name="never").on_conflict_do_nothing())
    db.commit()
    return [before, tag.name]


def counted(db: Session):  # stays: stale-after-commit
    db.execute(text("UPDATE users SET logins = logins + 1"))
    db.commit()
    return True


@app.put("/beside")
def beside(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    return [counted(db), user.logins]


@app.put("/head")
def head(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    if counted(db):
        return user.logins
    return None


def failing(db: Session):  # stays: stale-after-commit
    db.execute(text("UPDATE users SET logins = logins + 1"))
    db.commit()
    raise KeyError("logins")


@app.put("/caught")
def caught(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        failing(db)
    except KeyError:
        return user.logins
