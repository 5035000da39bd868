from types import SimpleNamespace

import pytest


@pytest.fixture
def tasks(application):
    from app.tasks import maintenance, webhooks

    return SimpleNamespace(
        process_webhook=webhooks.process_webhook,
        retry_failed=webhooks.retry_failed,
        purge=webhooks.purge,
        expire_sessions=maintenance.expire_sessions,
        close_idle_chats=maintenance.close_idle_chats,
        daily_digest=maintenance.daily_digest,
        transcript=maintenance.transcript,
        anonymize_users=maintenance.anonymize_users,
        merge_users=maintenance.merge_users,
    )


def run(task, *args):
    return task.delay(*args).get()


def test_an_event_is_processed_once(client, tasks, sql):
    event = client.webhook("ping")
    assert run(tasks.process_webhook, event["id"]) == "skipped"
    assert run(tasks.process_webhook, 999) == "skipped"
    assert sql("SELECT attempts FROM webhook_events") == [1]


def test_failed_events_are_retried_until_their_attempts_are_used_up(client, tasks, sql):
    client.webhook("chat.closed", {}, id="1")
    client.webhook("ping", id="2")
    assert [run(tasks.retry_failed) for _ in range(3)] == [1, 1, 0]
    assert sql("SELECT attempts FROM webhook_events ORDER BY id") == [3, 1]


def test_a_retried_event_can_succeed(client, tasks, sql):
    client.webhook("user.updated", {"email": "dora@acme.test", "first_name": "Dora"})
    client.user("dora@acme.test")
    run(tasks.retry_failed)
    assert sql("SELECT status FROM webhook_events") == ["processed"]
    assert sql("SELECT first_name FROM users") == ["Dora"]


def test_old_events_are_purged_unless_they_failed(client, tasks, sql):
    for number, event_type in enumerate(["ping", "chat.closed", "ping"]):
        client.webhook(event_type, id=str(number))
    sql("UPDATE webhook_events SET received_at = now() - interval '100 days' WHERE id < 3")
    assert run(tasks.purge, 90) == 1
    assert sql("SELECT id FROM webhook_events ORDER BY id") == [2, 3]


def test_expired_and_idle_sessions_end(client, people, tasks, sql):
    expired, idle, fresh = [client.login("dora@acme.test")["id"] for _ in range(3)]
    sql("UPDATE user_sessions SET expires_at = now() - interval '1 minute' WHERE id = %s", expired)
    sql("UPDATE user_sessions SET last_activity_at = now() - interval '3 hours' WHERE id = %s", idle)
    assert run(tasks.expire_sessions) == 2
    assert run(tasks.expire_sessions) == 0
    assert sql("SELECT id::text FROM user_sessions WHERE ended_at IS NULL") == [fresh]


def test_idle_chats_are_closed(client, people, tasks, sql):
    silent, recent, closed = [client.chat(people.dora, body="x")["id"] for _ in range(3)]
    client.post(f"/chats/{closed}/close")
    sql("UPDATE chat_sessions SET last_message_at = now() - interval '3 days' WHERE id <> %s", recent)
    assert run(tasks.close_idle_chats) == 1
    assert sql("SELECT id FROM chat_sessions WHERE status <> 'closed'") == [recent]
    [entry] = client.get("/tenants/current/audit?action=chat.expire")
    assert entry["entity_id"] == str(silent)


def test_a_chat_without_a_message_is_idle_since_it_was_opened(client, people, tasks, sql):
    client.chat(people.dora)
    sql("UPDATE chat_sessions SET created_at = now() - interval '3 days'")
    assert run(tasks.close_idle_chats, 72 + 1) == 0
    assert run(tasks.close_idle_chats, 48) == 1


def test_the_digest_has_tenants_with_waiting_chats_only(client, other, people, tasks, sql):
    client.assign(client.chat(people.dora), people.ben)
    client.chat(people.dora)
    client.chat(people.emil)
    assert run(tasks.daily_digest) == {"acme": 2}
    sql("UPDATE tenants SET is_active = false")
    assert run(tasks.daily_digest) == {}


def test_merged_users_keep_the_chats(client, people, tasks, sql):
    chat = client.chat(people.emil)
    assert run(tasks.merge_users, "acme", "dora@acme.test", "emil@acme.test") is True
    assert client.get(f"/chats/{chat['id']}")["customer"]["email"] == "dora@acme.test"
    assert sql("SELECT count(*) FROM users WHERE email = 'emil@acme.test'") == [0]


def test_a_user_is_not_merged_with_itself_or_nobody(client, people, tasks, sql):
    assert run(tasks.merge_users, "acme", "dora@acme.test", "dora@acme.test") is False
    assert run(tasks.merge_users, "acme", "dora@acme.test", "nobody@acme.test") is False
    assert sql("SELECT count(*) FROM users") == [5]


def test_a_merge_in_an_unknown_tenant_is_an_error(client, tasks):
    with pytest.raises(Exception, match="No row was found"):
        run(tasks.merge_users, "nobody", "a@b.c", "d@e.f")


def test_the_demo_data_is_inserted_once(client, application, sql):
    from app.seed import seed

    assert (seed(), seed()) == (True, False)
    assert sql("SELECT count(*) FROM chat_sessions") == [3]
    assert client.get("/chats?sort=oldest", tenant="demo")["items"][0]["subject"] == "Password reset"


def test_a_transcript_names_who_wrote(client, people, tasks):
    chat = client.chat(people.dora, "Parcel", body="Where?")
    client.say(chat, "There!", people.ben)
    client.say(chat, "Closed for the night")
    assert run(tasks.transcript, chat["id"]).splitlines() == [
        "Parcel (Dora Dorn)",
        "Dora Dorn: Where?",
        "Ben Berg: There!",
        "System: Closed for the night",
    ]
    assert run(tasks.transcript, 999) == ""


def test_users_that_are_inactive_for_long_become_anonymous(client, people, tasks, sql):
    sql("UPDATE users SET is_active = false WHERE role <> 'admin'")
    sql("UPDATE users SET updated_at = now() - interval '400 days' WHERE role = 'customer' OR role = 'admin'")
    assert run(tasks.anonymize_users, 365, 1) == 2
    assert run(tasks.anonymize_users, 365, 1) == 0
    assert sql("SELECT email FROM users WHERE first_name = '' ORDER BY id") == [
        f"anonymous-{people.dora['id']}@invalid",
        f"anonymous-{people.emil['id']}@invalid",
    ]


def test_batches_before_a_failing_one_stay(client, people, tasks, sql):
    client.user(f"anonymous-{people.emil['id']}@invalid")
    sql("UPDATE users SET is_active = false, updated_at = now() - interval '400 days' WHERE role = 'customer'")
    with pytest.raises(Exception, match="uq_users_tenant_email"):
        run(tasks.anonymize_users, 365, 1)
    assert sql("SELECT email FROM users WHERE id = %s", people.dora["id"]) == [f"anonymous-{people.dora['id']}@invalid"]
    assert sql("SELECT email FROM users WHERE id = %s", people.emil["id"]) == ["emil@acme.test"]


def test_operators_create_and_list_tenants(client, application, sql, capsys):
    from app.cli import main

    client.user("x@acme.test")
    assert main(["create-tenant", "zeta", "Zeta Ltd", "ada@zeta.test"]) == 0
    assert main(["create-tenant", "zeta", "Again", "bob@zeta.test"]) == 1
    assert sql("SELECT role FROM users WHERE email LIKE '%%@zeta.test'") == ["admin"]
    capsys.readouterr()
    assert main(["tenants"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["acme", "free", "1", "users"],
        ["zeta", "free", "1", "users"],
    ]
