"""Load: many clients, failing commits, cancelled clients, and a server that is killed in the middle.

    python benchmarks/load.py [--requests 10000] [--clients 256]

The first part sends requests of which 1 % fail in the commit and 1 % are given up by their client. Every answer is
compared with the rows in the database afterwards. In the second part PostgreSQL is killed and started again under load.
Exits with status 1 when an expectation does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compat")]

from tests.postgres import Postgres, free_port, postgres  # noqa: E402 - found through the path above

LIMIT = 30


@dataclass(slots=True)
class Answers:
    """What the clients were told, by the name that they wrote."""

    status: dict[str, int] = field(default_factory=dict)
    bodies: Counter[str] = field(default_factory=Counter)
    given_up: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Monitor(threading.Thread):
    """Counts the connections that the application holds at the server, all the time.

    A server process ends a moment after its client has closed the connection. Such a process is not held any more:
    it counts in ``processes`` only.
    """

    def __init__(self, server: Postgres, database: str) -> None:
        super().__init__(daemon=True)
        self._server, self._database = server, database
        self.held = 0
        self.processes = 0
        self._end = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        with self._server.connect() as connection, connection.cursor() as cursor:
            while not self._end.wait(0.01):
                cursor.execute("SELECT client_port FROM pg_stat_activity WHERE datname = %s", [self._database])
                ports = [port for (port,) in cursor.fetchall()]
                self.processes = max(self.processes, len(ports))
                self.held = max(self.held, len(ports) if (alive := established()) is None else len(alive & set(ports)))

    def stop(self) -> None:
        """End the thread."""
        self._end.set()
        self.join()


def established() -> set[int] | None:
    """The local ports of this machine's established TCP connections, where the system tells."""
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return None
    rows = (line.split() for line in lines)
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "01"}


async def client(port: int, work: asyncio.Queue[tuple[str, str]], answers: Answers) -> None:
    """One client with one connection, which it opens again after it has given up."""
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while True:
        try:
            kind, name = work.get_nowait()
        except asyncio.QueueEmpty:
            break
        started = time.perf_counter()
        try:
            if streams is None:
                streams = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = streams
            writer.write(f"POST /accounts/{name} HTTP/1.1\r\nHost: load\r\nContent-Length: 0\r\n\r\n".encode())
            if kind == "give up":
                await asyncio.sleep(0.002 * (int(name.partition("-")[2]) % 7))
                answers.given_up.add(name)
                writer.close()
                streams = None
                continue
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            body = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            answers.broken.append(f"{name}: {error!r}")
            streams = None
            continue
        # A conflict writes a name that exists: its answer is kept apart.
        answers.status[f"{kind} {name}" if kind == "conflict" else name] = int(head.split(b" ", 2)[1])
        if b"detail" in body:
            answers.bodies[body.decode()] += 1
        answers.seconds.append(time.perf_counter() - started)
    if streams is not None:
        streams[1].close()


async def send(port: int, plan: list[tuple[str, str]], clients: int) -> Answers:
    """Send the plan from as many clients as given."""
    answers = Answers()
    work: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    for item in plan:
        work.put_nowait(item)
    await asyncio.gather(*(client(port, work, answers) for _ in range(clients)))
    return answers


def plan_of(requests: int) -> list[tuple[str, str]]:
    """1 % writes of a name that exists already, 1 % of clients that give up."""
    plan: list[tuple[str, str]] = []
    for number in range(requests):
        match number % 100:
            case 33:
                plan.append(("conflict", "taken"))
            case 66:
                plan.append(("give up", f"gone-{number}"))
            case _:
                plan.append(("write", f"row-{number}"))
    # Conflicts must have something to conflict with, and names of their own.
    return [
        ("conflict", f"taken?{index}") if kind == "conflict" else (kind, name)
        for index, (kind, name) in enumerate(plan)
    ]


def expect(holds: bool, sentence: str, failures: list[str]) -> None:
    """Print an expectation and whether it holds."""
    print(f"  {'ok  ' if holds else 'FAIL'} {sentence}")
    if not holds:
        failures.append(sentence)


def start_application(url: str, port: int) -> subprocess.Popen[bytes]:
    """The application under uvicorn, in a process of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DB_POOL_SIZE": "10",
        "DB_MAX_OVERFLOW": "20",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "compat"), str(ROOT / "benchmarks")]),
    }
    command = [sys.executable, "-m", "uvicorn", "load_app:application", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen([*command, "--no-access-log"], env=environment, cwd=ROOT)
    deadline = time.monotonic() + 30
    while True:
        try:
            asyncio.run(_probe(port))
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the application did not start") from None
            time.sleep(0.05)
        else:
            return process


async def _probe(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


def names(server: Postgres, database: str) -> Counter[str]:
    """The rows that are there."""
    return Counter(str(name) for (name,) in server.execute("SELECT name FROM account", database))


def wait_until_closed(server: Postgres, database: str, seconds: float = 5) -> int:
    """How many connections are left after a while."""
    deadline = time.monotonic() + seconds
    while server.connections(database) and time.monotonic() < deadline:
        time.sleep(0.05)
    return server.connections(database)


def describe(answers: Answers) -> None:
    """Rates and percentiles."""
    ordered = sorted(answers.seconds)
    if ordered:
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(
            f"  {len(ordered)} answers, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms: {Counter(answers.status.values())}"
        )


def steady(server: Postgres, database: str, port: int, requests: int, clients: int) -> list[str]:
    """Part one."""
    failures: list[str] = []
    print(f"{requests} requests from {clients} clients, 1 % failing commits, 1 % clients that give up")
    asyncio.run(send(port, [("write", "taken")], 1))
    monitor = Monitor(server, database)
    monitor.start()
    plan = plan_of(requests)
    started = time.perf_counter()
    answers = asyncio.run(send(port, plan, clients))
    elapsed = time.perf_counter() - started
    time.sleep(0.5)
    monitor.stop()
    describe(answers)
    print(f"  {len(answers.seconds) / elapsed:.0f} requests/s")
    rows = names(server, database)
    print(
        f"  of {len(answers.given_up)} writes that were given up, {len(answers.given_up & set(rows))} had been committed"
    )
    written = {name for kind, name in plan if kind == "write"}
    conflicts = {f"{kind} {name}" for kind, name in plan if kind == "conflict"}
    told = {name for name, status in answers.status.items() if status == 200}
    expect(told == written, "every write was answered 200, and nothing else was", failures)
    expect(
        {name for name, status in answers.status.items() if status == 409} == conflicts,
        "every failing commit was answered 409",
        failures,
    )
    expect(all(rows[name] == 1 for name in told), "no write that was answered 200 is lost", failures)
    expect(rows["taken"] == 1, "no failing commit left a row", failures)
    expect(max(rows.values()) == 1, "no row is there twice", failures)
    expect(set(rows) <= written | answers.given_up | {"taken"}, "no row is there that nobody wrote", failures)
    expect(not answers.broken, f"no connection broke ({len(answers.broken)})", failures)
    sentence = f"never more than {LIMIT} connections held (most: {monitor.held}; server processes: {monitor.processes})"
    expect(monitor.held <= LIMIT, sentence, failures)
    return failures


async def _load_and_kill(server: Postgres, port: int, requests: int, clients: int) -> tuple[Answers, Answers]:
    assert server.cluster is not None
    plan = [("write", f"kill-{number}") for number in range(requests)]
    load = asyncio.ensure_future(send(port, plan, clients))
    await asyncio.sleep(1.0)
    server.cluster.kill()
    print("  PostgreSQL is killed")
    await asyncio.sleep(0.5)
    await asyncio.to_thread(server.cluster.start)
    print("  PostgreSQL runs again")
    during = await load
    after = await send(port, [("write", f"after-{number}") for number in range(500)], clients)
    return during, after


def killed(server: Postgres, database: str, port: int, requests: int, clients: int) -> list[str]:
    """Part two."""
    failures: list[str] = []
    print(f"{requests} requests from {clients} clients, with PostgreSQL killed and started again in between")
    during, after = asyncio.run(_load_and_kill(server, port, requests, clients))
    describe(during)
    for body, count in during.bodies.most_common(4):
        print(f"    {count} times {body[:160]}")
    rows = names(server, database)
    told = {name for name, status in during.status.items() if status == 200}
    statuses = set(during.status.values())
    expect(statuses <= {200, 503}, f"every answer is 200 or a clear 503 ({statuses})", failures)
    expect(503 in statuses, "the load was on while the server was away", failures)
    expect(not during.broken, f"the application stayed up ({len(during.broken)} connections broke)", failures)
    expect(all(rows[name] == 1 for name in told), "no write that was answered 200 is lost", failures)
    expect(max(rows.values()) == 1, "no row is there twice", failures)
    expect(set(after.status.values()) == {200}, "service resumes without a restart", failures)
    return failures


def main() -> int:
    """Both parts, and what is left at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=256)
    chosen = parser.parse_args()
    # The server is killed: never one that somebody else uses.
    os.environ.pop("TEST_DATABASE_URL", None)
    with postgres() as server, server.database() as database:
        url = server.url(database).render_as_string(hide_password=False)
        port = free_port()
        application = start_application(url, port)
        try:
            failures = steady(server, database, port, chosen.requests, chosen.clients)
            failures += killed(server, database, port, max(chosen.requests // 2, 1000), chosen.clients)
        finally:
            application.send_signal(signal.SIGTERM)
            application.wait(30)
        left = wait_until_closed(server, database)
        expect(left == 0, f"no connection is left open at the end ({left})", failures)
    print("all expectations hold" if not failures else f"{len(failures)} expectations do not hold")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
