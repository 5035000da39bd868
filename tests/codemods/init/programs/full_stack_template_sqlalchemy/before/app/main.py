from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from app.api.deps import get_db
from app.models import Item

app = FastAPI()


@app.get("/items")
def items(db: Session = Depends(get_db)) -> list[str]:
    return [item.title for item in db.query(Item).order_by(Item.id)]
