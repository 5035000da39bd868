import pytest


def entry(content, role="user"):
    return {"role": role, "content": content}


@pytest.fixture
def memory(client):
    client.put("/assistant/chat-1", [entry("a"), entry("b", "assistant"), entry("c")], 204)


@pytest.fixture
def store(application):
    from app.chat_store import SQLChatStore

    return SQLChatStore()


def contents(client, key="chat-1"):
    return [row["content"] for row in client.get(f"/assistant/{key}")]


def test_the_memory_of_a_key_is_kept_in_order(client, memory):
    assert client.get("/assistant/chat-1") == [entry("a"), entry("b", "assistant"), entry("c")]
    assert client.get("/assistant/unknown") == []


def test_setting_replaces_everything(client, memory):
    client.put("/assistant/chat-1", [entry("new")], 204)
    assert contents(client) == ["new"]


def test_a_message_is_appended(client, memory):
    assert client.post("/assistant/chat-1", entry("d"), 201) == {"count": 4}
    assert contents(client) == ["a", "b", "c", "d"]


def test_the_last_message_is_forgotten(client, memory):
    assert client.delete("/assistant/chat-1/last", 200) == entry("c")
    client.delete("/assistant/unknown/last", 404)
    assert contents(client) == ["a", "b"]


def test_a_key_is_forgotten(client, memory):
    client.put("/assistant/chat-2", [entry("z")], 204)
    assert client.delete("/assistant/chat-1", 200) == {"deleted": 3}
    assert client.delete("/assistant/chat-1", 200) == {"deleted": 0}
    assert client.get("/assistant") == ["chat-2"]


def test_a_role_must_be_known(client):
    client.post("/assistant/chat-1", entry("x", "king"), 422)


def test_the_store_closes_the_gap_when_a_message_is_deleted(client, memory, store, sql):
    assert store.delete_message("chat-1", 0).content == "a"
    assert [m.content for m in store.get_messages("chat-1")] == ["b", "c"]
    assert sql("SELECT position FROM assistant_messages ORDER BY position") == [0, 1]


def test_the_store_answers_none_for_what_is_not_there(client, store):
    assert store.delete_message("chat-1", 5) is None
    assert store.delete_messages("chat-1") is None
    assert store.delete_last_message("chat-1") is None


def test_a_failing_replacement_keeps_the_old_messages(client, memory, store):
    from app.chat_store import StoredMessage

    with pytest.raises(Exception, match="not-null"):
        store.set_messages("chat-1", [StoredMessage("user", "new"), StoredMessage("user", None)])
    assert contents(client) == ["a", "b", "c"]


def test_a_write_that_fails_at_the_commit_is_not_reported_as_done(client, memory, sql):
    # the next position is the number of messages: after a gap it is taken, which a deferred constraint finds
    sql("DELETE FROM assistant_messages WHERE position = 1")
    with pytest.raises(Exception, match="uq_assistant_messages_key_position"):
        client.post("/assistant/chat-1", entry("d"), 201)
    assert contents(client) == ["a", "c"]
