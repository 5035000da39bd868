from types import SimpleNamespace

import deps
from api import app as app
from deps import current_user, team

PATHS = ("/me", "/team", "/visit", "/count")


def somebody():
    return SimpleNamespace(name="somebody")


def made(name):
    return lambda: SimpleNamespace(name=name)


def all_of(client):
    return [client.get(path).json() for path in PATHS]


def requests(client):
    yield all_of(client)
    yield client.get("/count", headers={"x-name": "cleo"}).status_code
    yield client.get("/team", headers={"x-name": "nobody"}).status_code
    app.dependency_overrides[current_user] = somebody
    yield all_of(client)
    yield app.dependency_overrides[current_user]().name
    del app.dependency_overrides[current_user]
    yield all_of(client)
    app.dependency_overrides[deps.current_user] = made("another")
    app.dependency_overrides[team] = lambda: SimpleNamespace(name="grey")
    yield all_of(client)
    before = app.dependency_overrides.pop(current_user)
    yield [before().name, *all_of(client)]
    app.dependency_overrides.clear()
    yield all_of(client)
    app.dependency_overrides = {current_user: somebody, team: lambda: SimpleNamespace(name="violet")}
    yield all_of(client)
    app.dependency_overrides.pop(current_user, None)
    app.dependency_overrides.update({team: deps.another_team})
    yield all_of(client)
    app.dependency_overrides = {}
    app.dependency_overrides.update({deps.visitor: made("visitor")})
    yield all_of(client)
    app.dependency_overrides = {}
