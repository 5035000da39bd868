import pytest


@pytest.fixture
def answered(client, people, sql):
    chat = client.chat(people.dora, 'About "it"', body="question", channel="mail")
    client.assign(chat, people.ben)
    client.say(chat, "answer", people.ben)
    sql("UPDATE chat_sessions SET created_at = (SELECT max(created_at) FROM messages) - interval '90 seconds'")
    return chat


def test_response_times_by_agent(client, other, answered):
    assert client.get("/reports/response-times") == [{"email": "ben@acme.test", "chats": 1, "seconds": 90.0}]
    assert other.get("/reports/response-times") == []


def test_chats_by_channel(client, people, answered):
    client.chat(people.emil)
    client.chat(people.emil)
    assert client.get("/reports/channels") == {"mail": 1, "web": 2}
    assert client.get("/reports/channels?status=open&status=closed") == {"mail": 1}


def test_messages_are_exported_as_csv(client, answered):
    client.say(answered, "from nobody")
    assert client.get("/reports/messages.csv").splitlines() == [
        "chat,subject,sender,body",
        '1,"About ""it""",dora@acme.test,question',
        '1,"About ""it""",ben@acme.test,answer',
        '1,"About ""it""",,from nobody',
    ]


def test_users_are_imported_and_known_ones_skipped(client, people, sql):
    rows = [{"email": "dora@acme.test"}, {"email": "new@acme.test", "first_name": "New"}]
    assert client.post("/reports/import-users", rows) == {"imported": 1}
    assert client.post("/reports/import-users", []) == {"imported": 0}
    assert sql("SELECT first_name FROM users WHERE email = 'new@acme.test'") == ["New"]
    assert client.get("/users?q=new@")["items"][0]["role"] == "customer"


def test_a_failed_import_inserts_nothing(client, http, sql):
    rows = [{"email": "good@acme.test"}, {"email": "x" * 300}]
    with pytest.raises(Exception, match="too long"):
        client.post("/reports/import-users", rows)
    assert sql("SELECT count(*) FROM users") == [0]


def test_the_priority_of_many_chats_is_set_at_once(client, other, people):
    a, b = client.chat(people.dora), client.chat(people.emil)
    body = {"chat_ids": [a["id"], b["id"], 999], "priority": 7}
    assert client.post("/reports/priority", body) == {"changed": 2}
    assert client.get(f"/chats/{a['id']}")["priority"] == 7
    assert other.post("/reports/priority", body) == {"changed": 0}
