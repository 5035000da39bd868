"""What the shim, the ledger and the recorders cost, measured in turns in one run.

    python benchmarks/shim.py

A statement is an ORM SELECT of ten rows on PostgreSQL. The aims are about the time that passes; CPU time of the process
leaves out the server. Exits with status 1 when an aim is missed.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compat")]

from sqlalchemy import ForeignKey, create_engine, select  # noqa: E402 - after the path above
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship  # noqa: E402
from tests.postgres import postgres  # noqa: E402

from alchemove.deprecated import AlchemoveDeprecationWarning, deprecated_exports  # noqa: E402
from alchemove.lazy_report import record  # noqa: E402
from alchemove.ledger import Ledger, ledger  # noqa: E402
from alchemove.psycopg2_connection import take  # noqa: E402
from alchemove.sql_recording import SqlRecording  # noqa: E402

ROUNDS = 25
CALLS = 20_000
STATEMENTS = 150


class Base(DeclarativeBase):
    """Of the models below."""


class User(Base):
    """Ten of them are loaded."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


class Post(Base):
    """Loaded lazily."""

    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def microseconds(work: Callable[[], object], calls: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Of one call of *work*, on average over *calls*."""
    gc.collect()
    started = clock()
    for _ in range(calls):
        work()
    return (clock() - started) / calls * 1e6


def access() -> list[tuple[str, float, float]]:
    """Name, microseconds and aim of what the shim does at each use."""
    module = ModuleType("benchmark_shim")
    sys.modules[module.__name__] = module
    module.plain = object()  # type: ignore[attr-defined]
    deprecated_exports(module, {"legacy": (module.plain, "plain")})
    warnings.simplefilter("ignore", AlchemoveDeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        counting = Ledger(Path(folder))
        figures = {
            "plain attribute": min(microseconds(lambda: module.plain, CALLS) for _ in range(ROUNDS)),
            "shim access, counted and warned": min(microseconds(lambda: module.legacy, CALLS) for _ in range(ROUNDS)),
            "ledger alone": min(
                microseconds(lambda: counting.count("name", __file__, 1), CALLS) for _ in range(ROUNDS)
            ),
        }
        counting.end()
    ledger().clear()
    aims = {"shim access, counted and warned": 10.0, "ledger alone": 5.0}
    return [(name, figure, aims.get(name, float("inf"))) for name, figure in figures.items()]


def recorders(url: str) -> tuple[list[tuple[str, float, float]], float]:
    """Name, ratio and aim of each recorder, and the microseconds of a statement without one."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(User(name=str(number), posts=[Post()]) for number in range(10))
        session.commit()
    statement = select(User).order_by(User.id)

    def run() -> None:
        with Session(engine) as session:
            for _ in range(STATEMENTS):
                session.scalars(statement).all()

    def load_lazily() -> None:
        with Session(engine) as session:
            for _ in range(STATEMENTS // 10):
                for user in session.scalars(statement):
                    len(user.posts)
                session.expire_all()

    kinds: dict[str, Callable[[], AbstractContextManager[object]]] = {
        "lazy loads": record,
        "SQL": SqlRecording,
    }
    ratios: dict[str, float] = {}
    plain = 0.0
    for name, work in (("a statement", run), ("a lazy load", load_lazily)):
        for clock_name, clock in (("CPU", time.process_time), ("elapsed", time.perf_counter)):
            work()
            figures: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for kind, make in {"none": nullcontext, **kinds}.items():
                    with make():
                        figures.setdefault(kind, []).append(microseconds(work, 1, clock) / STATEMENTS)
            if (name, clock_name) == ("a statement", "CPU"):
                plain = min(figures["none"])
            for kind in kinds:
                # Pairs of one round: whatever else the machine does hits both, and the median leaves out what hits one.
                pairs = zip(figures[kind], figures["none"], strict=True)
                ratios[f"recording {kind}: {name}, {clock_name}"] = statistics.median(a / b for a, b in pairs)
    engine.dispose()
    found = [
        # The aim is about statements; a lazy load is only what is looked for.
        (name, ratio, 1.10 if "a statement, elapsed" in name else float("inf"))
        for name, ratio in ratios.items()
    ]
    return found, plain


def connection(url: str) -> float:
    """get_db_connection() and close() against a connection of its own, which old code had."""
    import psycopg2

    engine = create_engine(url)
    plain_url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def pooled() -> None:
        taken = take(engine)
        taken.cursor().execute("SELECT 1")
        taken.close()

    def fresh() -> None:
        taken = psycopg2.connect(plain_url)
        taken.cursor().execute("SELECT 1")
        taken.close()

    pooled()
    ratios = [microseconds(pooled, 20) / microseconds(fresh, 20) for _ in range(ROUNDS)]
    engine.dispose()
    return statistics.median(ratios)


def main() -> int:
    """Print the figures."""
    missed = 0
    for name, figure, aim in access():
        missed += figure > aim
        print(f"{name:<55} {figure:6.2f} µs{f'   aim {aim:.0f}' if aim < 1e9 else ''}")
    with postgres() as server, server.database() as name:
        url = server.url(name, "postgresql+psycopg2").render_as_string(hide_password=False)
        figures, statement = recorders(url)
        print(f"{'a statement, CPU':<55} {statement:6.1f} µs")
        for title, ratio, aim in figures:
            missed += ratio > aim
            print(f"{title:<55} {ratio:6.2f}{f'      aim {aim:.2f}' if aim < 1e9 else ''}")
        print(f"{'get_db_connection() against psycopg2.connect()':<55} {connection(url):6.2f}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
