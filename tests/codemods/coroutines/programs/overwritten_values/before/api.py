"""What is assigned behind a commit is sent, even if it is what was there before: `onupdate` tells."""

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crud import Users, patch
from database import get_db
from models import Team, User

app = FastAPI()


@app.put("/same")
def the_same_value(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.changed_at = None
    db.commit()
    user.logins = 0
    db.commit()
    return user.changed_at is None


@app.put("/helper")
def by_a_helper(db: Session = Depends(get_db)):
    users = Users(db)
    user = users.count(db.get(User, 2), 4)
    user.changed_at = None
    db.commit()
    users.count(user, 4)
    return user.changed_at is None


@app.put("/rounds")
def in_each_round(db: Session = Depends(get_db)):
    for user in db.scalars(select(User)).all():
        user.logins = 0
        db.commit()
    return [user.changed_at is None for user in db.scalars(select(User).order_by(User.id))]


@app.put("/found")
def found_in_each_round(db: Session = Depends(get_db)):
    """What was asked for in the same round is known."""
    rounds = 0
    while rounds < 2:
        user = db.scalars(select(User).where(User.logins == 0).order_by(User.id).limit(1)).first()
        if user is None:
            break
        user.logins = 7 + rounds
        db.commit()
        rounds += 1
    return rounds


@app.put("/read")
def read_before(name: str, db: Session = Depends(get_db)):
    """Once it is read again there is something to compare with."""
    user = db.get(User, 3)
    user.name = name
    db.commit()
    if user.logins == 0:
        user.logins = 0
    db.commit()
    return user.logins


@app.put("/unwatched")
def nobody_can_tell(db: Session = Depends(get_db)):
    team = db.get(Team, 1)
    team.name = "navy"
    db.commit()
    team.name = "navy"
    db.commit()
    return team.name


@app.put("/no-variable")
def without_a_variable(db: Session = Depends(get_db)):
    team = db.get(Team, 2)
    db.get(Team, 2).name = team.id + 5
    db.commit()
    return team.name


@app.post("/undone")
def undone(name: str, db: Session = Depends(get_db)):
    """A rollback takes the new object out of the session: the helper may be given one that no refresh can find."""
    user = User(name=name)
    db.add(user)
    try:
        db.flush()
    except IntegrityError:
        db.rollback()
    patch(db, user, {"logins": 4})
    return user.logins


@app.put("/patched/{number}")
def patched(number: int, logins: str, db: Session = Depends(get_db)):
    user = db.get(User, number)
    patch(db, user, {"logins": logins})
    return user.logins
