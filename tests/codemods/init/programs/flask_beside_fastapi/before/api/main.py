from fastapi import Depends, FastAPI
from sqlalchemy import text

from api.database import get_db

app = FastAPI()


@app.get("/")
def one(db=Depends(get_db)):
    return db.scalar(text("SELECT 1"))
