from helpers import ids


def test_a_tenant_is_created_with_its_defaults(http, sql):
    body = http.post("/tenants", json={"slug": "acme", "name": "Acme"}).json()
    assert body == {"id": 1, "slug": "acme", "name": "Acme", "plan": "free", "is_active": True, "settings": {}}
    assert sql("SELECT slug FROM tenants") == ["acme"]


def test_a_slug_is_taken_once(client, sql):
    client.post("/tenants", {"slug": "acme", "name": "Again"}, 409)
    assert sql("SELECT name FROM tenants") == ["Acme"]


def test_after_a_refused_tenant_the_next_one_works(client, http):
    client.post("/tenants", {"slug": "acme", "name": "Again"}, 409)
    assert client.post("/tenants", {"slug": "zeta", "name": "Zeta"}, 201)["slug"] == "zeta"


def test_a_slug_has_a_form(client):
    client.post("/tenants", {"slug": "No Spaces!", "name": "x"}, 422)


def test_active_tenants_are_listed_by_slug_and_plan(client, other, sql):
    client.post("/tenants", {"slug": "big", "name": "Big", "plan": "pro"}, 201)
    sql("UPDATE tenants SET is_active = false WHERE slug = 'other'")
    assert [t["slug"] for t in client.get("/tenants")] == ["acme", "big"]
    assert [t["slug"] for t in client.get("/tenants?plan=pro")] == ["big"]


def test_a_tenant_is_changed_only_where_a_value_was_sent(client, sql):
    changed = client.patch("/tenants/current", {"settings": {"theme": "dark"}})
    assert (changed["name"], changed["settings"]) == ("Acme", {"theme": "dark"})
    assert sql("SELECT settings->>'theme' FROM tenants") == ["dark"]


def test_deactivating_a_tenant_deactivates_its_users(client, other, people, sql):
    other.user("x@other.test")
    assert client.post("/tenants/current/deactivate") == {"users": 5}
    assert sql("SELECT email FROM users WHERE is_active") == ["x@other.test"]


def test_an_inactive_tenant_is_refused(client, people):
    client.post("/tenants/current/deactivate")
    client.get("/users", 403)
    assert client.get("/tenants/current")["is_active"] is False


def test_the_audit_log_shows_the_newest_entry_first(client, people):
    client.patch("/tenants/current", {"name": "Acme 2"})
    entries = client.get("/tenants/current/audit")
    assert [e["action"] for e in entries] == ["tenant.update"] + ["user.create"] * 5
    assert ids(entries) == sorted(ids(entries), reverse=True)


def test_the_audit_log_is_filtered_by_action_and_tenant(client, other, people):
    other.user("x@other.test")
    assert len(client.get("/tenants/current/audit?action=user.create")) == 5
    assert [e["entity"] for e in other.get("/tenants/current/audit")] == ["User"]
