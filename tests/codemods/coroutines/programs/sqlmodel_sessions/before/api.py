from fastapi import Depends, FastAPI
from sqlmodel import Session, select

from database import get_db
from models import Post, Tag, User

app = FastAPI()
STATEMENTS = {"tags": select(Tag.name), "users": select(User.name)}


def listed(db: Session, statement) -> list[str]:
    return sorted(db.exec(statement).all())


@app.get("/here")
def here(kind: str, db: Session = Depends(get_db)):
    return sorted(db.exec(STATEMENTS[kind]).all())


@app.get("/there")
def there(kind: str, db: Session = Depends(get_db)):
    return listed(db, STATEMENTS[kind])


@app.get("/known")
def known(db: Session = Depends(get_db)):
    user = db.exec(select(User).where(User.id == 1)).one()
    return [user.name, len(db.exec(select(Post)).all())]
