from sqlmodel import Session, create_engine, select

from app import crud
from app.core.config import SQLALCHEMY_DATABASE_URI
from app.models import User

engine = create_engine(str(SQLALCHEMY_DATABASE_URI))


# make sure all SQLModel models are imported (app.models) before initializing DB
# otherwise, SQLModel might fail to initialize relationships properly


def init_db(session: Session) -> None:
    user = session.exec(select(User).where(User.email == "admin@example.com")).first()
    if not user:
        crud.create_user(session=session, email="admin@example.com")
