from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import test_mail
import test_results
from database import get_db
from models import Tag

app = FastAPI()
app.include_router(test_mail.router)


@app.get("/tags")
def tags(db: Session = Depends(get_db)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/results")
def results(db: Session = Depends(get_db)):
    return test_results.names_of_results(db)
