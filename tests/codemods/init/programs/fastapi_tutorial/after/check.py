from fastapi.testclient import TestClient
from sql_app.database import SQLALCHEMY_DATABASE_URL, Base, SessionLocal, engine
from sql_app.main import app
from sql_app.models import User

with TestClient(app) as client:
    print(client.post("/users/ada@example.com").json())
    print(client.post("/users/bob@example.com").json())
    print(client.get("/users").json())
with SessionLocal() as db:
    db.add(User(email="eve@example.com"))
    print(db.query(User).count())
print(SQLALCHEMY_DATABASE_URL, engine.url, sorted(Base.metadata.tables), SessionLocal().bind is engine)
