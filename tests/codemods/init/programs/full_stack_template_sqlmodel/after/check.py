from app.core.db import engine, init_db
from app.main import app
from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel

SQLModel.metadata.drop_all(engine)
SQLModel.metadata.create_all(engine)
for _ in range(2):
    with Session(engine) as session:
        init_db(session)
with TestClient(app) as client:
    print(client.get("/users").json())
print(engine.pool._pre_ping, engine.echo)
engine.dispose()
