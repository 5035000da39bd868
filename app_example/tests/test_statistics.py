import pytest


@pytest.fixture
def history(client, other, people):
    """Three chats: one of Dora with Ben, answered; one closed by Cleo; one that waits."""
    a = client.chat(people.dora, "a", body="question")
    client.assign(a, people.ben)
    client.say(a, "answer", people.ben)
    b = client.chat(people.dora, "b", body="question")
    client.assign(b, people.cleo)
    client.post(f"/chats/{b['id']}/close")
    c = client.chat(people.emil, "c", body="question", priority=5)
    client.login("ben@acme.test")
    client.login("ben@acme.test")
    other.user("x@other.test")
    return a, b, c


def test_the_overview_counts_what_belongs_to_the_tenant(client, history):
    assert client.get("/statistics/overview") == {
        "users": 5,
        "logged_in": 1,
        "chats": 3,
        "open_chats": 2,
        "messages": 4,
        "has_urgent": True,
        "by_status": {"open": 1, "closed": 1, "waiting": 1},
    }


def test_the_overview_of_an_empty_tenant(client, other, history):
    overview = other.get("/statistics/overview")
    assert (overview["chats"], overview["has_urgent"], overview["by_status"]) == (0, False, {})


def test_ended_sessions_are_not_logged_in(client, history, sql):
    sql("UPDATE user_sessions SET ended_at = now()")
    assert client.get("/statistics/overview")["logged_in"] == 0


def test_each_agent_has_figures_even_without_a_chat(client, people, history):
    client.user("zoe@acme.test", "agent")
    assert client.get("/statistics/agents") == [
        {"email": "ben@acme.test", "open": 1, "closed": 0, "messages": 1},
        {"email": "cleo@acme.test", "open": 0, "closed": 1, "messages": 0},
        {"email": "zoe@acme.test", "open": 0, "closed": 0, "messages": 0},
    ]


def test_chats_are_counted_by_day(client, history, sql):
    sql("SET TIME ZONE 'UTC'")
    sql("UPDATE chat_sessions SET created_at = now() - interval '2 days' WHERE subject = 'a'")
    sql("UPDATE chat_sessions SET created_at = now() - interval '20 days' WHERE subject = 'b'")
    days = client.get("/statistics/daily?days=7")
    assert [d["chats"] for d in days] == [1, 1]
    assert days[0]["day"] < days[1]["day"]
    assert len(client.get("/statistics/daily?days=30")) == 3


def test_busy_customers_have_a_minimum_of_chats(client, history):
    assert client.get("/statistics/busy-customers") == [{"email": "dora@acme.test", "chats": 2}]
    assert len(client.get("/statistics/busy-customers?minimum=1")) == 2


def test_unanswered_are_open_chats_without_an_answer(client, history):
    a, b, c = history
    assert client.get("/statistics/unanswered") == [c["id"]]


def test_the_activity_mixes_chats_and_logins_latest_first(client, history):
    rows = client.get("/statistics/activity?limit=4")
    assert [(row["kind"], row["title"]) for row in rows] == [
        ("login", "ben@acme.test"),
        ("login", "ben@acme.test"),
        ("chat", "c"),
        ("chat", "b"),
    ]
