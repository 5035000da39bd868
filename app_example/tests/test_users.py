from helpers import emails, ids


def test_a_user_is_created_for_the_tenant_of_the_header(client, sql):
    user = client.user("Dora@acme.test", first_name="Dora", last_name="Dorn")
    assert user == {
        "id": 1,
        "email": "Dora@acme.test",
        "full_name": "Dora Dorn",
        "role": "customer",
        "is_active": True,
        "is_online": False,
    }
    assert sql("SELECT t.slug FROM users u JOIN tenants t ON t.id = u.tenant_id") == ["acme"]


def test_an_address_is_taken_whatever_its_case(client):
    client.user("dora@acme.test")
    client.post("/users", {"email": "DORA@acme.test"}, 409)


def test_the_same_address_may_exist_in_two_tenants(client, other):
    client.user("dora@acme.test")
    assert other.user("dora@acme.test")["id"] == 2


def test_an_address_needs_an_at_sign_and_a_role_must_exist(client):
    client.post("/users", {"email": "nobody"}, 422)
    client.post("/users", {"email": "a@b.c", "role": "king"}, 422)


def test_users_are_listed_by_address_and_only_of_the_tenant(client, other, people):
    other.user("x@other.test")
    page = client.get("/users")
    assert emails(page["items"]) == ["ada", "ben", "cleo", "dora", "emil"]
    assert (page["total"], page["page"], page["size"], page["pages"]) == (5, 1, 20, 1)


def test_users_are_paginated(client, people):
    page = client.get("/users?page=2&size=2")
    assert emails(page["items"]) == ["cleo", "dora"]
    assert (page["total"], page["pages"]) == (5, 3)
    assert client.get("/users?page=4&size=2")["items"] == []


def test_a_page_has_at_least_one_and_at_most_a_hundred_rows(client, people):
    assert client.get("/users?size=0")["size"] == 1
    assert client.get("/users?size=1000&page=-3")["size"] == 100


def test_users_are_found_by_a_part_of_name_or_address(client, people):
    assert emails(client.get("/users?q=BERG")["items"]) == ["ben"]
    assert emails(client.get("/users?q=a d")["items"]) == ["dora"], "across first and last name"
    assert emails(client.get("/users?q=emil@")["items"]) == ["emil"]


def test_wildcards_in_a_search_are_ordinary_letters(client, people):
    client.user("under_score@acme.test")
    assert emails(client.get("/users?q=_")["items"]) == ["under_score"]
    assert client.get("/users", params={"q": "%"})["items"] == []


def test_users_are_filtered_by_role(client, people):
    assert emails(client.get("/users?role=agent")["items"]) == ["ben", "cleo"]


def test_users_are_sorted_as_asked(client, people):
    assert emails(client.get("/users?sort=email&descending=true")["items"])[0] == "emil"
    assert emails(client.get("/users?sort=created")["items"])[0] == "ada"
    client.user("zoe@acme.test", first_name="Aaron")
    assert emails(client.get("/users?sort=name")["items"])[0] == "zoe"
    assert emails(client.get("/users?sort=nonsense")["items"])[0] == "ada"


def test_inactive_users_are_listed_on_request_only(client, people):
    client.patch(f"/users/{people.dora['id']}", {"is_active": False})
    assert client.get("/users")["total"] == 4
    assert client.get("/users?include_inactive=true")["total"] == 5


def test_staff_is_listed_by_address(client, people):
    assert client.get("/users/staff") == ["ada@acme.test", "ben@acme.test", "cleo@acme.test"]


def test_a_user_is_read_and_not_found_in_another_tenant(client, other, people):
    assert client.get(f"/users/{people.ben['id']}")["email"] == "ben@acme.test"
    other.get(f"/users/{people.ben['id']}", 404)
    client.get("/users/999", 404)


def test_a_user_is_changed_only_where_a_value_was_sent(client, people, sql):
    changed = client.patch(f"/users/{people.dora['id']}", {"last_name": "Door"})
    assert changed["full_name"] == "Dora Door"
    assert sql("SELECT updated_at > created_at FROM users WHERE email = 'dora@acme.test'") == [True]


def test_a_user_is_deleted_with_the_sessions(client, people, sql):
    client.login("emil@acme.test")
    client.delete(f"/users/{people.emil['id']}")
    assert sql("SELECT count(*) FROM user_sessions") == [0]
    client.get(f"/users/{people.emil['id']}", 404)


def test_a_customer_with_open_chats_is_not_deleted(client, people):
    chat = client.chat(people.dora)
    client.delete(f"/users/{people.dora['id']}", 409)
    client.post(f"/chats/{chat['id']}/close")
    client.delete(f"/users/{people.dora['id']}")


def test_the_chats_of_a_deleted_agent_lose_the_agent(client, people):
    chat = client.chat(people.dora)
    client.assign(chat, people.ben)
    client.delete(f"/users/{people.ben['id']}")
    assert client.get(f"/chats/{chat['id']}")["agent"] is None


def test_available_agents_come_by_their_number_of_open_chats(client, people):
    client.assign(client.chat(people.dora), people.ben)
    rows = client.get("/users/agents/available")
    assert [(r["agent"]["email"][:3], r["open_chats"]) for r in rows] == [("cle", 0), ("ben", 1)]


def test_an_agent_with_too_many_open_chats_is_not_available(client, people):
    for _ in range(2):
        client.assign(client.chat(people.dora), people.ben)
    assert [r["agent"]["email"] for r in client.get("/users/agents/available")] == ["cleo@acme.test"]


def test_inactive_are_those_without_login_and_message(client, people):
    client.login("ada@acme.test")
    chat = client.chat(people.dora, body="Hello")
    client.say(chat, "from the system")
    assert emails(client.get("/users/inactive?days=7")) == ["ben", "cleo", "emil"]


def test_an_old_login_and_an_old_message_do_not_count(client, people, sql):
    client.login("ada@acme.test")
    client.chat(people.dora, body="Hello")
    sql("UPDATE user_sessions SET last_activity_at = now() - interval '40 days'")
    sql("UPDATE messages SET created_at = now() - interval '40 days'")
    assert emails(client.get("/users/inactive?days=30")) == ["ada", "ben", "cleo", "dora", "emil"]


def test_colleagues_served_the_same_customer(client, people):
    client.assign(client.chat(people.dora), people.ben)
    client.assign(client.chat(people.dora), people.cleo)
    client.assign(client.chat(people.dora), people.cleo)
    client.assign(client.chat(people.emil), people.ada)
    assert emails(client.get(f"/users/{people.ben['id']}/colleagues")) == ["cleo"]
    assert client.get(f"/users/{people.ada['id']}/colleagues") == []


def test_chats_of_a_customer_are_found_by_address(client, other, people):
    first, second = client.chat(people.dora, "one"), client.chat(people.dora, "two")
    client.chat(people.emil)
    assert ids(client.get("/users/by-email/dora@acme.test/chats")) == [first["id"], second["id"]]
    assert other.get("/users/by-email/dora@acme.test/chats") == []


def test_assigned_chats_of_an_agent(client, people):
    chats = [client.chat(people.dora, tags=["a", "b"]), client.chat(people.emil)]
    for chat in chats:
        client.assign(chat, people.ben)
    assigned = client.get(f"/users/{people.ben['id']}/chats")
    assert ids(assigned) == ids(chats)
    assert [tag["name"] for tag in assigned[0]["tags"]] == ["a", "b"]
