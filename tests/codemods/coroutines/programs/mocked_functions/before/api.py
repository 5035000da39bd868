from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

import services
from database import get_db
from models import User
from services import Users, count, users

app = FastAPI()


@app.get("/names")
def get_names(db: Session = Depends(get_db)):
    return services.names(db)


@app.get("/count")
def get_count(db: Session = Depends(get_db)):
    return count(db)


@app.get("/first")
def get_first(db: Session = Depends(get_db)):
    return services.first(db)


@app.get("/last")
def get_last(db: Session = Depends(get_db)):
    return services.last(db)


@app.get("/told")
def get_told(db: Session = Depends(get_db)):
    return services.told(db)


@app.get("/users/{number}")
def get_user(number: int, db: Session = Depends(get_db)):
    return Users.name(db, number)


@app.get("/me")
def me(user: User = Depends(users.current), db: Session = Depends(get_db)):
    return [user.name, users.current(2, db).name]


@app.get("/specified")
def get_specified(db: Session = Depends(get_db)):
    return services.specified(db)


@app.get("/assigned")
def get_assigned(db: Session = Depends(get_db)):
    return services.assigned(db)
