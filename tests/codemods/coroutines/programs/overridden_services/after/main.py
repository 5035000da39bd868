from unittest.mock import MagicMock

from api import Other, app, get_names, get_service


class FakeService:
    def names(self):
        return ["fake"]


def requests(client):
    yield client.get("/names")
    yield client.get("/first")
    app.dependency_overrides[get_service] = lambda: FakeService()
    yield client.get("/names")
    app.dependency_overrides[get_names] = lambda: ["x"]
    yield client.get("/tags")
    mock = MagicMock()
    mock.first.return_value = "mocked"
    app.dependency_overrides[Other] = lambda: mock
    yield client.get("/first")
    app.dependency_overrides.clear()
    yield client.get("/names")
