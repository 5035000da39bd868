from types import SimpleNamespace
from unittest import mock
from unittest.mock import patch

import services
from api import app as app

PATHS = ("/names", "/count", "/first", "/last", "/told", "/users/1", "/me", "/specified", "/assigned")


@patch("services.names")
def mocked_names(client, names):
    names.return_value = ["mocked"]
    found = client.get("/names").json()
    names.assert_called_once()
    return found


def requests(client):
    with patch("api.get_db") as get_db:
        yield [client.get("/count").json(), get_db.called]
    for path in PATHS:
        yield client.get(path).json()
    yield mocked_names(client)
    with patch("api.count", return_value=7):
        yield client.get("/count").json()
    with mock.patch.object(services, "first", side_effect=["one", "two"]) as first:
        yield client.get("/first").json()
        yield client.get("/first").json()
        yield first.call_count
    with patch.object(services.Users, "name", side_effect=lambda db, number: f"number {number}"):
        yield client.get("/users/3").json()
    with patch("services.users.current") as current:
        current.return_value = SimpleNamespace(name="nobody")
        yield client.get("/me").json()
    with patch("services.specified", autospec=True) as specified:
        specified.return_value = "mocked"
        yield client.get("/specified").json()
        services.specified.assert_called_once()
    kept, services.assigned = services.assigned, mock.Mock(return_value="mocked")
    yield client.get("/assigned").json()
    services.assigned.assert_called_once()
    services.assigned = kept
    with patch("services.last", lambda db: "mocked"):
        yield client.get("/last").json()
    with patch("services.told", new_callable=mock.MagicMock) as told:
        told.return_value = "mocked"
        yield client.get("/told").json()
    for path in PATHS:
        yield client.get(path).json()
