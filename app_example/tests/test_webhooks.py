from concurrent.futures import ThreadPoolExecutor

import postgres
import psycopg2
import pytest
from helpers import ids
from sqlalchemy import make_url

HELLO = {"email": "dora@acme.test", "text": "Hello"}


def test_an_event_needs_the_right_signature(client, sql):
    client.webhook("ping", secret="wrong", status=401)
    assert sql("SELECT count(*) FROM webhook_events") == [0]


def test_an_event_needs_an_id_and_a_type(client):
    client.raw_webhook(b"no json", status=400)
    client.raw_webhook(b"[1, 2]", status=400)
    client.raw_webhook(b'{"id": "1"}', status=400)


def test_an_event_without_a_handler_is_stored_and_ignored(client):
    event = client.webhook("ping", {"a": 1})
    assert (event["status"], event["attempts"], event["payload"]) == ("ignored", 1, {"a": 1})
    assert event["processed_at"] is not None


def test_a_message_opens_a_chat_of_a_new_customer(client, sql):
    assert client.webhook("message.created", {**HELLO, "subject": "Parcel"})["status"] == "processed"
    [chat] = client.get("/chats")["items"]
    assert (chat["subject"], chat["channel"], chat["customer"]["email"]) == ("Parcel", "mailer", "dora@acme.test")
    assert sql("SELECT body FROM messages") == ["Hello"]


def test_a_message_goes_to_the_open_chat_of_the_customer(client, people):
    old, current = client.chat(people.dora), client.chat(people.dora)
    client.webhook("message.created", HELLO)
    assert client.get(f"/chats/{current['id']}")["message_count"] == 1
    assert client.get(f"/chats/{old['id']}")["message_count"] == 0


def test_a_message_does_not_reopen_a_closed_chat(client, people):
    chat = client.chat(people.dora)
    client.post(f"/chats/{chat['id']}/close")
    client.webhook("message.created", HELLO)
    assert [c["subject"] for c in client.get("/chats?status=waiting")["items"]] == ["Message from mailer"]


def test_an_event_sent_twice_is_processed_once(client, sql):
    first = client.webhook("message.created", HELLO)
    assert client.webhook("message.created", HELLO)["id"] == first["id"]
    assert sql("SELECT count(*) FROM messages") == [1]


def test_the_same_id_of_another_provider_is_another_event(client, sql):
    client.webhook("ping")
    client.webhook("ping", provider="shop")
    assert sql("SELECT provider FROM webhook_events ORDER BY id") == ["mailer", "shop"]


def test_a_user_is_updated(client, people):
    client.webhook("user.updated", {"email": "dora@acme.test", "first_name": "Theodora"})
    assert client.get(f"/users/{people.dora['id']}")["full_name"] == "Theodora Dorn"


def test_a_chat_is_closed(client, people):
    chat = client.chat(people.dora)
    assert client.webhook("chat.closed", {"chat_id": str(chat["id"])})["status"] == "processed"
    assert client.get(f"/chats/{chat['id']}")["status"] == "closed"


@pytest.mark.parametrize(
    ("event_type", "data", "error"),
    [
        ("user.updated", {"email": "nobody@acme.test", "first_name": "x"}, "NotFound: no user with this address"),
        ("user.updated", {"email": "dora@acme.test"}, "ValueError: nothing to update"),
        ("chat.closed", {"chat_id": 999}, "NotFound: no such chat"),
        ("chat.closed", {}, "KeyError: 'chat_id'"),
    ],
)
def test_an_event_that_cannot_be_handled_failed_with_its_error(client, people, event_type, data, error):
    event = client.webhook(event_type, data)
    assert (event["status"], event["last_error"], event["processed_at"]) == ("failed", error, None)


def test_a_failed_handler_leaves_nothing_behind(client, sql):
    event = client.webhook("message.created", {"email": "new@acme.test"})
    assert event["last_error"] == "KeyError: 'text'"
    assert sql("SELECT count(*) FROM users") == [0]
    assert sql("SELECT count(*) FROM chat_sessions") == [0]


def test_an_event_cannot_touch_another_tenant(client, other, people):
    chat = client.chat(people.dora)
    event = client.webhook("chat.closed", {"chat_id": chat["id"]}, tenant="other")
    assert event["status"] == "failed"
    assert client.get(f"/chats/{chat['id']}")["status"] == "waiting"


@pytest.fixture
def events(client, other):
    return [
        client.webhook("message.created", HELLO, id="1"),
        client.webhook("message.created", {}, id="2"),
        client.webhook("ping", id="3", provider="shop"),
        client.webhook("user.updated", {}, id="4", provider="shop"),
        client.webhook("ping", id="5", tenant="other"),
    ]


def test_events_are_listed_newest_first_and_only_of_the_tenant(client, events):
    page = client.get("/webhooks")
    assert ids(page["items"]) == [4, 3, 2, 1]
    assert page["total"] == 4
    assert ids(client.get("/webhooks?page=2&size=3")["items"]) == [1]


def test_events_are_listed_by_status_and_provider(client, events):
    assert ids(client.get("/webhooks?status=failed")["items"]) == [4, 2]
    assert ids(client.get("/webhooks?status=failed&provider=shop")["items"]) == [4]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"provider": "shop"}, [3, 4]),
        ({"event_type": "message.*"}, [1, 2]),
        ({"status": ["failed", "ignored"]}, [2, 3, 4]),
        ({"status": []}, []),
        ({"min_attempts": 2}, []),
        ({"received_after": "2999-01-01T00:00:00Z"}, []),
        ({"received_before": "2999-01-01T00:00:00Z", "provider": "mailer"}, [1, 2]),
    ],
)
def test_events_are_filtered_by_all_criteria(client, events, criteria, expected):
    assert ids(client.post("/webhooks/filter", criteria)) == expected


def test_an_event_is_read_by_its_tenant_only(client, other, events):
    assert client.get("/webhooks/2")["last_error"] == "KeyError: 'email'"
    client.get("/webhooks/5", 404)
    assert other.get("/webhooks/5")["event_type"] == "ping"


def test_every_attempt_is_listed(client, events):
    client.post("/webhooks/2/retry")
    attempts = client.get("/webhooks/2/attempts")
    assert [(a["number"], a["succeeded"], a["error"]) for a in attempts] == [
        (1, False, "KeyError: 'email'"),
        (2, False, "KeyError: 'email'"),
    ]
    assert [a["succeeded"] for a in client.get("/webhooks/1/attempts")] == [True]


def test_a_retry_succeeds_once_the_cause_is_gone(client):
    event = client.webhook("user.updated", {"email": "dora@acme.test", "first_name": "Dora"})
    client.user("dora@acme.test")
    event = client.post(f"/webhooks/{event['id']}/retry")
    assert (event["status"], event["attempts"], event["last_error"]) == ("processed", 2, None)


def test_a_retry_needs_an_attempt_that_is_left(client, events):
    client.post("/webhooks/2/retry")
    assert client.post("/webhooks/2/retry")["attempts"] == 3
    client.post("/webhooks/2/retry", status=409)


def test_a_processed_event_is_not_retried(client, events):
    client.post("/webhooks/1/retry", status=409)
    client.post("/webhooks/5/retry", status=404)


def test_a_replay_processes_the_failed_events_again(client, events, sql):
    assert client.post("/webhooks/replay") == {"replayed": [2, 4]}
    assert sql("SELECT attempts FROM webhook_events WHERE status = 'failed' ORDER BY id") == [1, 1]
    assert sql("SELECT count(*) FROM webhook_attempts WHERE event_id IN (2, 4)") == [4]


def test_a_replay_is_limited_by_provider_and_time(client, events, sql):
    assert client.post("/webhooks/replay", {"provider": "shop"}) == {"replayed": [4]}
    sql("UPDATE webhook_events SET received_at = '2020-06-15 00:00+00' WHERE id = 2")
    span = {"since": "2020-06-01T00:00:00Z", "until": "2020-07-01T00:00:00Z"}
    assert client.post("/webhooks/replay", span) == {"replayed": [2]}
    assert client.post("/webhooks/replay", {"until": "2020-01-01T00:00:00Z"}) == {"replayed": []}


def test_a_replay_leaves_other_tenants_alone(client, other, events):
    assert other.post("/webhooks/replay") == {"replayed": []}


def test_statistics_count_by_status_and_provider(client, events):
    statistics = client.get("/webhooks/statistics")
    assert statistics["total"] == 4
    assert statistics["by_status"] == {"pending": 0, "processed": 1, "ignored": 1, "failed": 2}
    assert [(p["provider"], p["total"], p["failed"]) for p in statistics["by_provider"]] == [
        ("mailer", 2, 1),
        ("shop", 2, 1),
    ]
    assert statistics["average_attempts"] == 1.0


def test_statistics_average_the_attempts_of_an_event(client, events):
    client.post("/webhooks/2/retry")
    assert client.get("/webhooks/statistics")["average_attempts"] == 1.25


def test_statistics_of_nothing(client):
    statistics = client.get("/webhooks/statistics")
    assert (statistics["total"], statistics["by_provider"], statistics["average_attempts"]) == (0, [], 0.0)


def test_an_event_is_deleted_with_its_attempts(client, events, sql):
    client.delete("/webhooks/2")
    client.get("/webhooks/2", 404)
    client.delete("/webhooks/5", 404)
    assert sql("SELECT DISTINCT event_id FROM webhook_attempts ORDER BY 1") == [1, 3, 4, 5]


WAIT_FOR_A_LOCK = """
    DO $$
    BEGIN
        FOR attempt IN 1..1000 LOOP
            PERFORM pg_stat_clear_snapshot();
            IF EXISTS (
                SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
            ) THEN
                RETURN;
            END IF;
            PERFORM pg_sleep(0.02);
        END LOOP;
        RAISE EXCEPTION 'the request did not wait';
    END
    $$
"""


def test_the_same_event_in_two_requests_at_the_same_moment_is_stored_once(client, sql, database_url):
    rival = psycopg2.connect(database_url)
    try:
        rival.cursor().execute(
            "INSERT INTO webhook_events"
            " (tenant_id, provider, event_type, external_id, payload, status, attempts, received_at)"
            " VALUES (1, 'mailer', 'ping', '1', '{}', 'pending', 0, now())"
        )
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(client.webhook, "ping")
            postgres.execute(make_url(database_url), WAIT_FOR_A_LOCK)
            assert not answer.done()
            rival.commit()
            assert answer.result(timeout=20)["status"] == "ignored"
    finally:
        rival.close()
    assert sql("SELECT count(*) FROM webhook_events") == [1]
