import uuid

import pytest


@pytest.fixture
def login(client, people):
    return client.login("dora@acme.test")


def as_session(session):
    return {"X-Session": session["id"]}


def test_a_login_makes_a_session_with_a_uuid(login, sql):
    assert uuid.UUID(login["id"]).version == 4
    assert login["is_active"] is True
    assert sql("SELECT id::text FROM user_sessions") == [login["id"]]


def test_a_login_shows_the_user_as_online(login):
    assert (login["user"]["email"], login["user"]["is_online"]) == ("dora@acme.test", True)


def test_a_login_ignores_the_case_of_the_address_and_the_user_agent_is_kept(client, people, sql):
    client.login("DORA@Acme.test", headers={"User-Agent": "x" * 400})
    assert sql("SELECT length(user_agent) FROM user_sessions") == [300]


def test_a_login_is_written_to_the_audit_log(client, login):
    [entry] = client.get("/tenants/current/audit?action=login")
    assert (entry["entity"], entry["entity_id"]) == ("UserSession", login["id"])


def test_an_unknown_address_and_an_inactive_user_cannot_log_in(client, people, sql):
    client.login("nobody@acme.test", 404)
    client.patch(f"/users/{people.dora['id']}", {"is_active": False})
    client.login("dora@acme.test", 403)
    assert sql("SELECT count(*) FROM user_sessions") == [0]


def test_a_user_of_another_tenant_cannot_log_in(client, other, people):
    other.login("dora@acme.test", 404)


def test_a_session_is_read_by_its_uuid(client, login):
    found = client.get(f"/sessions/{login['id']}")
    assert found["user"]["email"] == "dora@acme.test"
    client.get(f"/sessions/{uuid.uuid4()}", 404)
    client.get("/sessions/not-a-uuid", 422)


def test_an_expired_session_is_not_found(client, login, sql):
    sql("UPDATE user_sessions SET expires_at = now() - interval '1 second'")
    client.get(f"/sessions/{login['id']}", 404)


def test_touching_a_session_moves_its_activity(client, login, sql):
    sql("UPDATE user_sessions SET last_activity_at = '2020-01-01 00:00+00'")
    touched = client.post(f"/sessions/{login['id']}/touch")
    assert not touched["last_activity_at"].startswith("2020")
    client.post(f"/sessions/{uuid.uuid4()}/touch", status=404)


def test_a_logout_deletes_the_session(client, login, sql):
    client.delete(f"/sessions/{login['id']}")
    assert sql("SELECT count(*) FROM user_sessions") == [0]
    client.delete(f"/sessions/{login['id']}", 404)


def test_the_current_user_is_known_by_the_session_header(client, login):
    assert client.get("/sessions/me", headers=as_session(login))["email"] == "dora@acme.test"
    client.get("/sessions/me", 401)
    client.get("/sessions/me", 404, headers={"X-Session": str(uuid.uuid4())})


def test_active_sessions_come_with_the_latest_activity_first(client, login, sql):
    second = client.login("dora@acme.test")
    ended = client.login("dora@acme.test")
    sql("UPDATE user_sessions SET ended_at = now() WHERE id = %s", ended["id"])
    client.login("emil@acme.test")
    found = client.get("/sessions", headers=as_session(login))
    assert [s["id"] for s in found] == [second["id"], login["id"]]


def test_revoking_the_others_keeps_the_current_session(client, login, sql):
    for _ in range(3):
        client.login("dora@acme.test")
    client.login("emil@acme.test")
    assert client.post("/sessions/revoke-others", headers=as_session(login)) == {"ended": 3}
    assert sql("SELECT count(*) FROM user_sessions WHERE ended_at IS NULL") == [2]
    assert client.get("/sessions/me", headers=as_session(login))["email"] == "dora@acme.test"
