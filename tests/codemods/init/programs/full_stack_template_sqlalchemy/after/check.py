from app.db.base_class import Base
from app.db.session import SessionLocal, engine
from app.main import app
from app.models import Item
from fastapi.testclient import TestClient

Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
with SessionLocal() as db:
    db.add_all([Item(title="one"), Item(title="two")])
    print(db.query(Item).count(), db.autoflush)
    db.commit()
with TestClient(app) as client:
    print(client.get("/items").json())
print(engine.pool._pre_ping, engine.pool.size(), type(db).__name__)
engine.dispose()
