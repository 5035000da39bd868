from types import SimpleNamespace

import deps
from api import app as app
from deps import current_user, sync_current_user, sync_team, team

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
    app.dependency_overrides[sync_current_user] = somebody
    yield all_of(client)
    yield app.dependency_overrides[current_user]().name
    del app.dependency_overrides[current_user]
    del app.dependency_overrides[sync_current_user]
    yield all_of(client)
    app.dependency_overrides[deps.current_user] = made("another")
    app.dependency_overrides[deps.sync_current_user] = app.dependency_overrides[deps.current_user]
    app.dependency_overrides[team] = lambda: SimpleNamespace(name="grey")
    app.dependency_overrides[sync_team] = lambda: SimpleNamespace(name="grey")
    yield all_of(client)
    before = app.dependency_overrides.pop(current_user)
    app.dependency_overrides.pop(sync_current_user)
    yield [before().name, *all_of(client)]
    app.dependency_overrides.clear()
    yield all_of(client)
    app.dependency_overrides = {current_user: somebody, sync_current_user: somebody, team: lambda: SimpleNamespace(name="violet"), sync_team: lambda: SimpleNamespace(name="violet")}
    yield all_of(client)
    app.dependency_overrides.pop(current_user, None)
    app.dependency_overrides.pop(sync_current_user, None)
    app.dependency_overrides.update({team: deps.another_team, sync_team: deps.another_team})
    yield all_of(client)
    app.dependency_overrides = {}
    app.dependency_overrides.update({deps.visitor: made("visitor")})
    yield all_of(client)
    app.dependency_overrides = {}
