import psycopg2
import pytest
from helpers import emails, ids


def subjects(chats):
    return [chat["subject"] for chat in chats]


def test_a_chat_is_opened_waiting_and_without_agent(client, people):
    chat = client.chat(people.dora, "Where is it?", channel="mail", priority=3)
    assert (chat["status"], chat["is_open"], chat["agent"], chat["tags"]) == ("waiting", True, None, [])
    assert (chat["channel"], chat["priority"], chat["last_message_at"]) == ("mail", 3, None)
    assert chat["customer"]["full_name"] == "Dora Dorn"


def test_a_chat_may_open_with_a_message_and_tags(client, people, sql):
    chat = client.chat(people.dora, body="Hello?", tags=["Billing ", "urgent", "billing", " "])
    assert [tag["name"] for tag in chat["tags"]] == ["billing", "urgent"]
    assert chat["last_message_at"] is not None
    assert sql("SELECT body FROM messages") == ["Hello?"]


def test_tags_are_shared_by_the_chats_of_a_tenant(client, people, sql):
    client.chat(people.dora, tags=["billing"])
    client.chat(people.emil, tags=["billing"])
    assert sql("SELECT name FROM tags") == ["billing"]


def test_a_chat_needs_a_customer_of_the_tenant(client, other, people, sql):
    other.post("/chats", {"customer_id": people.dora["id"], "subject": "x"}, 404)
    client.post("/chats", {"customer_id": people.dora["id"], "subject": ""}, 422)
    assert sql("SELECT count(*) FROM chat_sessions") == [0]


def test_the_details_count_messages_and_show_the_last(client, people):
    chat = client.chat(people.dora, body="first")
    client.say(chat, "second", people.ben, extra={"mood": "good"})
    detail = client.get(f"/chats/{chat['id']}")
    assert detail["message_count"] == 2
    assert (detail["last_message"]["body"], detail["last_message"]["extra"]) == ("second", {"mood": "good"})
    assert detail["last_message"]["sender"]["email"] == "ben@acme.test"


def test_the_details_of_an_empty_chat(client, people):
    detail = client.get(f"/chats/{client.chat(people.dora)['id']}")
    assert (detail["message_count"], detail["last_message"]) == (0, None)


def test_a_chat_is_not_seen_by_another_tenant(client, other, people):
    chat = client.chat(people.dora)
    other.get(f"/chats/{chat['id']}", 404)
    other.post(f"/chats/{chat['id']}/close", status=404)
    other.delete(f"/chats/{chat['id']}", 404)
    other.get(f"/chats/{chat['id']}/messages", 404)


@pytest.fixture
def three_chats(client, people, sql):
    a = client.chat(people.dora, "Parcel lost", priority=1, tags=["delivery"])
    b = client.chat(people.emil, "Invoice", priority=5, tags=["billing", "urgent"])
    c = client.chat(people.dora, "Password", priority=1)
    client.assign(b, people.ben)
    client.say(a, "It is 100% gone", people.dora)
    sql("UPDATE chat_sessions SET last_message_at = now() + interval '1 hour' WHERE id = %s", a["id"])
    return a, b, c


def test_chats_come_with_the_most_recent_first(client, three_chats):
    page = client.get("/chats")
    assert subjects(page["items"]) == ["Parcel lost", "Password", "Invoice"]
    assert page["total"] == 3


def test_chats_are_sorted_by_priority_or_age(client, three_chats):
    assert subjects(client.get("/chats?sort=priority")["items"]) == ["Invoice", "Parcel lost", "Password"]
    assert subjects(client.get("/chats?sort=oldest")["items"]) == ["Parcel lost", "Invoice", "Password"]


def test_chats_are_paginated(client, three_chats):
    page = client.get("/chats?size=2&page=2&sort=oldest")
    assert (subjects(page["items"]), page["total"], page["pages"]) == (["Password"], 3, 2)


def test_chats_with_several_tags_are_counted_once(client, three_chats):
    page = client.get("/chats?sort=oldest&size=2")
    assert (len(page["items"]), page["total"]) == (2, 3)
    assert [t["name"] for t in page["items"][1]["tags"]] == ["billing", "urgent"]


def test_chats_are_filtered_by_status_agent_and_tag(client, people, three_chats):
    assert subjects(client.get("/chats?status=open")["items"]) == ["Invoice"]
    assert subjects(client.get("/chats?status=waiting&sort=oldest")["items"]) == ["Parcel lost", "Password"]
    assert subjects(client.get(f"/chats?agent_id={people.ben['id']}")["items"]) == ["Invoice"]
    assert subjects(client.get("/chats?tag=URGENT")["items"]) == ["Invoice"]
    assert client.get("/chats?status=open&tag=delivery")["items"] == []


def test_chats_are_searched_in_subject_and_messages(client, three_chats):
    assert subjects(client.get("/chats?q=invoice")["items"]) == ["Invoice"]
    assert subjects(client.get("/chats", params={"q": "100% gone"})["items"]) == ["Parcel lost"]
    assert client.get("/chats", params={"q": "1_0%"})["items"] == []


def test_the_inbox_has_own_open_chats_and_all_that_wait(client, people, three_chats):
    assert subjects(client.get(f"/chats/inbox/{people.ben['id']}")) == ["Parcel lost", "Invoice", "Password"]
    assert subjects(client.get(f"/chats/inbox/{people.cleo['id']}")) == ["Parcel lost", "Password"]


def test_the_inbox_shows_nothing_closed_and_nothing_of_other_tenants(client, other, people, three_chats):
    client.post(f"/chats/{three_chats[0]['id']}/close")
    assert subjects(client.get(f"/chats/inbox/{people.cleo['id']}")) == ["Password"]
    assert other.get(f"/chats/inbox/{people.cleo['id']}") == []


def test_popular_tags_are_counted(client, people, three_chats):
    client.chat(people.dora, tags=["urgent"])
    assert client.get("/chats/tags") == [
        {"name": "urgent", "chats": 2},
        {"name": "billing", "chats": 1},
        {"name": "delivery", "chats": 1},
    ]


def test_chats_with_a_tag_show_this_tag_only(client, three_chats):
    [chat] = client.get("/chats/tagged/Urgent")
    assert [tag["name"] for tag in chat["tags"]] == ["urgent"]


def test_an_assigned_chat_is_open(client, people):
    chat = client.assign(client.chat(people.dora), people.ben)
    assert (chat["status"], chat["agent"]["email"]) == ("open", "ben@acme.test")


def test_a_customer_cannot_be_the_agent(client, people):
    client.assign(client.chat(people.dora), people.emil, 409)


def test_a_closed_chat_cannot_be_assigned(client, people):
    chat = client.chat(people.dora)
    client.post(f"/chats/{chat['id']}/close")
    client.assign(chat, people.ben, 409)


def test_an_agent_has_a_limit_of_open_chats(client, people):
    for _ in range(2):
        client.assign(client.chat(people.dora), people.ben)
    chat = client.chat(people.emil)
    client.assign(chat, people.ben, 409)
    assert client.get(f"/chats/{chat['id']}")["status"] == "waiting"


def test_the_next_chat_is_the_most_urgent(client, people, three_chats):
    low, high = client.chat(people.emil, "low"), client.chat(people.emil, "high", priority=9)
    assert client.post("/chats/next", {"agent_id": people.cleo["id"]})["id"] == high["id"]
    assert client.post("/chats/next", {"agent_id": people.cleo["id"]})["id"] == three_chats[0]["id"]
    assert client.get(f"/chats/{low['id']}")["status"] == "waiting"


def test_without_a_waiting_chat_there_is_no_next(client, people):
    assert client.post("/chats/next", {"agent_id": people.cleo["id"]}, 204) is None


def test_a_chat_that_somebody_else_is_taking_is_skipped(client, people, database_url):
    first, second = client.chat(people.dora), client.chat(people.dora)
    connection = psycopg2.connect(database_url)
    try:
        connection.cursor().execute("SELECT 1 FROM chat_sessions WHERE id = %s FOR UPDATE", [first["id"]])
        assert client.post("/chats/next", {"agent_id": people.ben["id"]})["id"] == second["id"]
    finally:
        connection.close()


def test_waiting_chats_are_spread_over_the_agents(client, people, sql):
    for number in range(5):
        client.chat(people.dora, str(number))
    assert client.post("/chats/auto-assign") == {"assigned": 4}
    assert sql("SELECT agent_id FROM chat_sessions ORDER BY id") == [
        people.ben["id"],
        people.cleo["id"],
        people.ben["id"],
        people.cleo["id"],
        None,
    ]


def test_a_chat_is_closed_once(client, people, sql):
    chat = client.chat(people.dora)
    closed = client.post(f"/chats/{chat['id']}/close")
    assert (closed["status"], closed["is_open"]) == ("closed", False)
    assert sql("SELECT closed_at IS NOT NULL FROM chat_sessions") == [True]
    client.post(f"/chats/{chat['id']}/close", status=409)


def test_changes_of_a_chat_are_in_the_audit_log(client, people):
    chat = client.chat(people.dora)
    client.assign(chat, people.ben)
    client.post(f"/chats/{chat['id']}/close")
    log = [e for e in client.get("/tenants/current/audit") if e["entity"] == "ChatSession"]
    assert [(e["action"], e["detail"]) for e in log] == [
        ("chat.close", None),
        ("chat.assign", "ben@acme.test"),
        ("chat.open", None),
    ]


def test_tags_are_replaced_and_unused_ones_vanish(client, people, sql):
    chat = client.chat(people.dora, tags=["a", "b"])
    client.chat(people.emil, tags=["b"])
    changed = client.put(f"/chats/{chat['id']}/tags", {"tags": ["c"]})
    assert [tag["name"] for tag in changed["tags"]] == ["c"]
    assert sql("SELECT name FROM tags ORDER BY name") == ["b", "c"]


def test_a_chat_is_deleted_with_its_messages_but_not_its_tags(client, people, sql):
    chat = client.chat(people.dora, body="Hello", tags=["a"])
    client.delete(f"/chats/{chat['id']}")
    assert sql("SELECT count(*) FROM messages") == [0]
    assert sql("SELECT name FROM tags") == ["a"]
    client.get(f"/chats/{chat['id']}", 404)


def test_messages_come_in_order_and_in_pages(client, people):
    chat = client.chat(people.dora)
    for number in range(5):
        client.say(chat, str(number), people.dora)
    page = client.get(f"/chats/{chat['id']}/messages?size=2&page=2")
    assert [m["body"] for m in page["items"]] == ["2", "3"]
    assert (page["total"], page["pages"]) == (5, 3)
    newest = client.get(f"/chats/{chat['id']}/messages?newest_first=true&size=2")
    assert [m["body"] for m in newest["items"]] == ["4", "3"]


def test_messages_of_other_chats_are_not_listed(client, people):
    chat, another = client.chat(people.dora, body="mine"), client.chat(people.emil, body="theirs")
    assert [m["body"] for m in client.get(f"/chats/{chat['id']}/messages")["items"]] == ["mine"]
    assert another["id"] != chat["id"]


def test_a_message_needs_an_open_chat_and_a_known_sender(client, people):
    chat = client.chat(people.dora)
    client.say(chat, "x", {"id": 999}, 404)
    client.post(f"/chats/{chat['id']}/close")
    client.say(chat, "x", people.dora, 409)
    assert client.get(f"/chats/{chat['id']}")["message_count"] == 0


def test_a_message_of_the_system_has_no_sender(client, people):
    message = client.say(client.chat(people.dora), "Please wait")
    assert (message["sender"], message["extra"], message["read_at"]) == (None, {}, None)


def test_unread_are_the_messages_of_the_others(client, people):
    chat = client.chat(people.dora, body="one")
    client.say(chat, "two", people.ben)
    client.say(chat, "three")
    assert client.get(f"/chats/{chat['id']}/unread/{people.dora['id']}") == {"unread": 2}
    assert client.get(f"/chats/{chat['id']}/unread/{people.ben['id']}") == {"unread": 2}


def test_reading_marks_the_messages_of_the_others_once(client, people, sql):
    chat = client.chat(people.dora, body="one")
    client.say(chat, "two", people.ben)
    path = f"/chats/{chat['id']}/read/{people.dora['id']}"
    assert (client.post(path), client.post(path)) == ({"read": 1}, {"read": 0})
    assert sql("SELECT body FROM messages WHERE read_at IS NOT NULL") == ["two"]


def test_participants_are_those_who_wrote(client, people):
    chat = client.chat(people.dora, body="one")
    client.say(chat, "two", people.ben)
    client.say(chat, "three", people.dora)
    client.say(chat, "system")
    assert emails(client.get(f"/chats/{chat['id']}/participants")) == ["ben", "dora"]
    assert ids(client.get(f"/chats/{client.chat(people.emil)['id']}/participants")) == []


def test_messages_are_searched_over_all_chats_of_the_tenant(client, other, people):
    first, second = client.chat(people.dora, body="Parcel 50% wet"), client.chat(people.emil, body="Other parcel")
    client.say(first, "Sorry", people.ben)
    found = client.get("/chats/messages/search?q=PARCEL")
    assert [m["body"] for m in found["items"]] == ["Other parcel", "Parcel 50% wet"]
    assert found["items"][0]["chat_session_id"] == second["id"]
    assert client.get("/chats/messages/search", params={"q": "0% w"})["total"] == 1
    assert client.get(f"/chats/messages/search?sender_id={people.ben['id']}")["items"][0]["body"] == "Sorry"
    assert other.get("/chats/messages/search")["total"] == 0


def test_messages_are_searched_by_time_and_whether_they_were_read(client, people, sql):
    chat = client.chat(people.dora, body="old")
    sql("UPDATE messages SET created_at = '2020-01-01 00:00+00'")
    client.say(chat, "new", people.ben)
    client.post(f"/chats/{chat['id']}/read/{people.dora['id']}")
    since = client.get("/chats/messages/search", params={"since": "2021-01-01T00:00:00Z"})
    assert [m["body"] for m in since["items"]] == ["new"]
    assert [m["body"] for m in client.get("/chats/messages/search?unread_only=true")["items"]] == ["old"]
