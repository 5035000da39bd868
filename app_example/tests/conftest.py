"""The suite that every stage of the example must pass.

    STAGE=0_legacy pytest app_example/tests

It knows the application by its HTTP interface, its tasks, its reports and its tables only, so
that it holds whatever the code behind them looks like. What is in the database is read with a
connection of its own.
"""

import hashlib
import hmac
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import psycopg2.extras
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import postgres  # noqa: E402
from stages import stage_folder  # noqa: E402

SECRET = "test-secret"

# The last request may close its session just after its answer was sent. The server waits, with
# one statement, so that each run sends the same.
WAIT_FOR_TRANSACTIONS = """
    DO $$
    DECLARE
        left_open text;
    BEGIN
        FOR attempt IN 1..250 LOOP
            PERFORM pg_stat_clear_snapshot();
            SELECT string_agg(query, '; ') INTO left_open FROM pg_stat_activity
            WHERE datname = current_database() AND state LIKE 'idle in transaction%';
            IF left_open IS NULL THEN
                RETURN;
            END IF;
            PERFORM pg_sleep(0.02);
        END LOOP;
        RAISE EXCEPTION 'left in a transaction: %', left_open;
    END
    $$
"""


def pytest_addoption(parser):
    parser.addoption(
        "--stage",
        default=os.environ.get("STAGE", "0_legacy"),
        help="the stage to test: its number, its name or the path of a folder (default: $STAGE)",
    )


def pytest_report_header(config):
    return f"stage: {stage_folder(config.getoption('--stage'))}"


@pytest.fixture(scope="session")
def stage(request):
    return stage_folder(request.config.getoption("--stage"))


@pytest.fixture(scope="session")
def server():
    with postgres.server_for_tests() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(server):
    # a request that waits for a lock for ever is a failure, not a hanging run
    with postgres.database(server, {"lock_timeout": "20s"}) as url:
        yield url


@pytest.fixture(scope="session")
def application(stage, database_url):
    """The application of the stage, imported once its settings are in place."""
    os.environ.update(
        DATABASE_URL=database_url,
        CELERY_TASK_ALWAYS_EAGER="true",
        CELERY_BROKER_URL="memory://",
        WEBHOOK_SECRET=SECRET,
        AGENT_MAX_OPEN_CHATS="2",
        DB_POOL_SIZE="3",
        DB_MAX_OVERFLOW="2",
    )
    sys.path.insert(0, str(stage))
    from app import models
    from app.main import app
    from sqlalchemy import create_mock_engine

    # Through a connection of our own: what SQLAlchemy sends is what the application sends.
    ddl = []
    engine = create_mock_engine("postgresql://", lambda statement, *_, **__: ddl.append(statement))
    models.Tenant.metadata.create_all(engine, checkfirst=False)
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        # SQLAlchemy has the indexes of a table in a set: sorted, each run creates the same.
        texts = [str(statement.compile(dialect=engine.dialect)).strip() for statement in ddl]
        for text in sorted(texts, key=lambda text: text if "INDEX" in text.split("(")[0] else ""):
            cursor.execute(text)
    connection.close()
    return app


@pytest.fixture(scope="session")
def http(application):
    from fastapi.testclient import TestClient

    # one client for the whole run: with it the application has one event loop
    with TestClient(application) as client:
        yield client


@pytest.fixture(scope="session")
def connection(database_url, application):
    connection = psycopg2.connect(database_url)
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def sql(connection):
    """Run a statement, and return the first column of all rows."""

    def run(statement, *parameters):
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            if cursor.description is None:
                return cursor.rowcount
            return [row[0] for row in cursor.fetchall()]

    return run


@pytest.fixture(autouse=True)
def empty_tables(sql):
    """Each test starts with empty tables, and must leave no transaction open."""
    yield
    sql(WAIT_FOR_TRANSACTIONS)
    names = sql("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    sql("SET lock_timeout = '5s'")
    sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")


class Api:
    """The application as a client of one tenant sees it."""

    def __init__(self, http, tenant):
        self.http = http
        self.tenant = tenant

    def request(self, method, path, status=200, tenant=None, headers=None, **kwargs):
        headers = {"X-Tenant": tenant or self.tenant, **(headers or {})}
        response = self.http.request(method, path, headers=headers, **kwargs)
        assert response.status_code == status, (method, path, response.status_code, response.text)
        if not response.content:
            return None
        return response.json() if "json" in response.headers["content-type"] else response.text

    def get(self, path, status=200, **kwargs):
        return self.request("GET", path, status, **kwargs)

    def post(self, path, body=None, status=200, **kwargs):
        return self.request("POST", path, status, json={} if body is None else body, **kwargs)

    def put(self, path, body, status=200, **kwargs):
        return self.request("PUT", path, status, json=body, **kwargs)

    def patch(self, path, body, status=200, **kwargs):
        return self.request("PATCH", path, status, json=body, **kwargs)

    def delete(self, path, status=204, **kwargs):
        return self.request("DELETE", path, status, **kwargs)

    # -- what most tests need ----------------------------------------------

    def user(self, email, role="customer", first_name="", last_name="", **kwargs):
        body = {"email": email, "role": role, "first_name": first_name, "last_name": last_name}
        return self.post("/users", body, 201, **kwargs)

    def chat(self, customer, subject="Help", **body):
        return self.post("/chats", {"customer_id": customer["id"], "subject": subject, **body}, 201)

    def say(self, chat, body, sender=None, status=201, **more):
        sender_id = sender["id"] if sender else None
        return self.post(f"/chats/{chat['id']}/messages", {"body": body, "sender_id": sender_id, **more}, status)

    def assign(self, chat, agent, status=200):
        return self.post(f"/chats/{chat['id']}/assign", {"agent_id": agent["id"]}, status)

    def login(self, email, status=201, **kwargs):
        return self.post("/sessions", {"email": email}, status, **kwargs)

    def webhook(self, event_type, data=None, id="1", provider="mailer", status=202, secret=SECRET, tenant=None):
        body = json.dumps({"id": id, "type": event_type, "data": data or {}}).encode()
        return self.raw_webhook(body, provider, status, secret, tenant)

    def raw_webhook(self, body, provider="mailer", status=202, secret=SECRET, tenant=None):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Signature": signature, "Content-Type": "application/json"}
        return self.request(
            "POST", f"/webhooks/{provider}/receive", status, tenant=tenant, headers=headers, content=body
        )


@pytest.fixture
def client(http):
    """A client of a fresh tenant `acme`."""
    response = http.post("/tenants", json={"slug": "acme", "name": "Acme"})
    assert response.status_code == 201, response.text
    return Api(http, "acme")


@pytest.fixture
def other(client, http):
    """A client of another tenant, to see that tenants are apart."""
    http.post("/tenants", json={"slug": "other", "name": "Other"})
    return Api(http, "other")


@pytest.fixture
def people(client):
    """Two agents, an admin and two customers of the tenant."""
    return SimpleNamespace(
        ada=client.user("ada@acme.test", "admin", "Ada", "Admin"),
        ben=client.user("ben@acme.test", "agent", "Ben", "Berg"),
        cleo=client.user("cleo@acme.test", "agent", "Cleo", "Cole"),
        dora=client.user("dora@acme.test", "customer", "Dora", "Dorn"),
        emil=client.user("emil@acme.test", "customer", "Emil", "Ek"),
    )
