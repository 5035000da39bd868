from app.core.session import engine, get_sync_session
from app.models import User
from sqlmodel import SQLModel, select

SQLModel.metadata.drop_all(engine)
SQLModel.metadata.create_all(engine)
with get_sync_session() as session:
    session.add(User(email="new@example.com"))
with get_sync_session() as session:
    print([user.email for user in session.exec(select(User))])
