from fastapi.testclient import TestClient
from shop.database import engine
from shop.items import Base, app

Base.metadata.create_all(engine)
client = TestClient(app)
print(client.post("/items", params={"name": "pen"}).json(), client.get("/items").json())
Base.metadata.drop_all(engine)
engine.dispose()
