from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from . import models
from .database import SessionLocal, engine

models.Base.metadata.create_all(bind=engine)

app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.post("/users/{email}")
def create_user(email: str, db: Session = Depends(get_db)):
    user = models.User(email=email)
    db.add(user)
    db.commit()
    db.refresh(user)
    return {"id": user.id, "email": user.email}


@app.get("/users")
def read_users(db: Session = Depends(get_db)):
    return [user.email for user in db.query(models.User).order_by(models.User.id)]
