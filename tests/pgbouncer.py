"""A real PgBouncer in transaction mode, where one is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from tests.postgres import Postgres, free_port, plain_user


@contextmanager
def pgbouncer(server: Postgres, database: str, pool_size: int = 3) -> Iterator[URL]:
    """The URL of a PgBouncer in front of ``database`` with few server connections, shared by all clients."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="alchemove-pgbouncer-"))
    port, url = free_port(), server.url(database)
    host = url.query.get("host") or url.host
    password = f" password={url.password}" if url.password else ""
    target = f"host={host} port={url.port or 5432} dbname={database} user={url.username}{password}"
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n{database} = {target}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {pool_size}\nmax_client_conn = 500\n"
        f"logfile = {folder / 'log'}\npidfile =\n"
    )
    user = plain_user()
    if user is not None:
        for path in (folder, folder / "pgbouncer.ini"):
            shutil.chown(path, user)
    process = subprocess.Popen(
        [program, "-q", str(folder / "pgbouncer.ini")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
        **({"user": user, "extra_groups": []} if user else {}),  # type: ignore[call-overload]
    )
    try:
        _wait(process, port, folder)
        yield URL.create("postgresql", url.username, None, "127.0.0.1", port, database)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def installed() -> bool:
    """Whether there is a PgBouncer to test with."""
    return (shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")) is not None


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                log = folder / "log"
                raise RuntimeError(f"PgBouncer did not start:\n{log.read_text() if log.exists() else ''}") from None
            time.sleep(0.02)
        else:
            return
