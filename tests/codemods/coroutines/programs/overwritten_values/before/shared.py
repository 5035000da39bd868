"""What a dependency has committed is shown or overwritten by the endpoint: the dependency keeps its sync session."""

from fastapi import Depends
from sqlalchemy.orm import Session

from api import app
from database import get_db
from models import User


def counted(number: int = 1, db: Session = Depends(get_db)) -> User:  # stays: stale-after-commit
    user = db.get(User, number)
    user.logins = user.logins + 1
    db.commit()
    return user


@app.get("/shown")
def shown(user: User = Depends(counted)):
    return user


@app.get("/seen")
def seen(user: User = Depends(counted)):
    return user.logins
