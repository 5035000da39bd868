"""The recorders as a pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from alchemove.verify import main

COMPAT = Path(__file__).parents[3] / "compat"

SUITE = """
    import pytest
    from sqlalchemy import ForeignKey, create_engine, select, text
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
    from sqlalchemy.pool import StaticPool


    class Base(DeclarativeBase):
        pass


    class User(Base):
        __tablename__ = "user_account"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        posts: Mapped[list["Post"]] = relationship()


    class Post(Base):
        __tablename__ = "post"
        id: Mapped[int] = mapped_column(primary_key=True)
        user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


    @pytest.fixture(scope="session")
    def engine():
        made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        Base.metadata.create_all(made)
        yield made
        Base.metadata.drop_all(made)
        made.dispose()


    @pytest.fixture(scope="module")
    def filled(engine):
        with Session(engine) as session:
            session.add_all(User(name=name, posts=[Post(), Post()]) for name in "ab")
            session.commit()
        yield
        with Session(engine) as session:
            session.execute(text("DELETE FROM post"))
            session.commit()


    @pytest.fixture
    def session(engine, filled):
        with Session(engine) as made:
            yield made


    def test_names(session):
        assert session.scalars(select(User.name).order_by(User.id)).all() == ["a", "b"]


    @pytest.mark.parametrize("number", [1, 2])
    def test_posts(session, number):
        assert [len(user.posts) for user in session.scalars(select(User).order_by(User.id))] == [2, 2]


    def test_nothing():
        pass
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "test_suite.py").write_text(dedent(SUITE))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    # As an installed distribution brings it, or by its name where only the source is on the path.
    installed = any(
        point.value == "alchemove.pytest_plugin" for point in importlib.metadata.entry_points(group="pytest11")
    )

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        plugin = [] if installed else ["-p", "alchemove.pytest_plugin"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(COMPAT), "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def sections(path: Path) -> dict[str, list[str]]:
    document: dict[str, Any] = json.loads(path.read_text())
    return {
        name: [entry.get("event") or entry["sql"].split()[0] for entry in section["entries"]]
        for name, section in document["sections"].items()
    }


def test_the_sql_of_each_test_is_recorded(run: Run, tmp_path: Path) -> None:
    done = run("--record-sql", "out/sql.json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = sections(tmp_path / "out" / "sql.json")
    assert found["test_suite.py::test_names"] == ["BEGIN", "SELECT", "ROLLBACK"]
    assert found["test_suite.py::test_posts[1]"] == ["BEGIN", "SELECT", "SELECT", "SELECT", "ROLLBACK"]
    assert found["test_suite.py::test_nothing"] == []
    assert "statements in 6 sections: out/sql.json" in done.stdout


def test_what_wider_fixtures_send_belongs_to_them_from_setup_to_end(run: Run, tmp_path: Path) -> None:
    # Otherwise the first test would have the INSERTs and the last one the DROPs: with one test less, others "change".
    run("--record-sql", "sql.json")
    found = sections(tmp_path / "sql.json")
    module = found["test_suite.py (fixture filled, module)"]
    assert module == ["BEGIN", "INSERT", "INSERT", "COMMIT", "BEGIN", "DELETE", "COMMIT"] or module[-2:] == [
        "DELETE",
        "COMMIT",
    ]
    [name] = [each for each in found if "(fixture engine, session)" in each]
    assert found[name][0] == "BEGIN"
    assert found[name].count("CREATE") == 2
    assert found[name].count("DROP") == 2


def test_two_runs_are_the_same_and_one_test_less_is_one_difference(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--record-sql", "one.json")
    run("--record-sql", "two.json")
    run("--record-sql", "less.json", "--deselect", "test_suite.py::test_posts[2]")
    one, two, less = (str(tmp_path / f"{name}.json") for name in ("one", "two", "less"))
    assert main([one, two]) == 0
    capsys.readouterr()
    assert main([one, less]) == 1
    out = capsys.readouterr().out
    assert "missing test: test_suite.py::test_posts[2]" in out
    assert " 0 different; 1 missing" in out


def test_lazy_loads_are_recorded_with_their_tests_and_reported(run: Run, tmp_path: Path) -> None:
    done = run("--record-lazy-loads", "loads.json")
    assert done.returncode == 0, done.stdout
    [load] = json.loads((tmp_path / "loads.json").read_text())["loads"]
    assert (load["class"], load["attribute"], load["count"]) == ("test_suite.User", "posts", 4)
    assert load["tests"] == {"test_suite.py::test_posts[1]": 2, "test_suite.py::test_posts[2]": 2}
    assert load["file"] == load["origin"]["file"] == "test_suite.py"
    assert load["origin"]["statement"].startswith("SELECT user_account.id")
    assert "add selectinload(User.posts)" in done.stdout
    assert "4 lazy loads (0 latent) at 1 lines" in done.stdout


def test_lazy_loads_can_be_forbidden(run: Run) -> None:
    done = run("--forbid-lazy-loads")
    assert done.returncode == 1
    assert "LazyLoadForbidden: User.posts would be loaded lazily at test_suite.py:" in done.stdout
    assert "2 failed, 2 passed" in done.stdout


def test_a_lazy_load_can_be_allowed(run: Run) -> None:
    done = run("--forbid-lazy-loads", "--allow-lazy-load", "User.posts")
    assert "4 passed" in done.stdout


def test_sync_sessions_may_load_lazily_where_those_of_async_ones_may_not(run: Run) -> None:
    assert "4 passed" in run("--forbid-async-lazy-loads").stdout


def test_everything_at_once(run: Run, tmp_path: Path) -> None:
    done = run("--record-sql", "sql.json", "--record-lazy-loads", "loads.json", "--forbid-lazy-loads")
    assert "2 failed, 2 passed" in done.stdout
    assert len(json.loads((tmp_path / "loads.json").read_text())["loads"]) == 1
    assert sections(tmp_path / "sql.json")["test_suite.py::test_posts[1]"] == ["BEGIN", "SELECT", "ROLLBACK"]


def test_the_workers_of_xdist_are_put_together(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    run("--record-sql", "one.json")
    done = run("--record-sql", "two.json", "--record-lazy-loads", "loads.json", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert sections(tmp_path / "two.json") == sections(tmp_path / "one.json")
    [load] = json.loads((tmp_path / "loads.json").read_text())["loads"]
    assert load["count"] == 4


ENDINGS = """
    import os

    import pytest
    from sqlalchemy import create_engine, text

    engine = create_engine("sqlite://")


    @pytest.fixture
    def broken():
        raise ValueError


    @pytest.fixture
    def broken_at_the_end():
        yield
        raise ValueError


    def test_passes():
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def test_fails(): assert not os.environ.get("BROKEN", "1")
    def test_setup(broken): pass
    def test_teardown(broken_at_the_end): pass
    def test_skips(): pytest.skip()

    @pytest.mark.skip
    def test_skipped(): pass

    @pytest.mark.xfail
    def test_expected(): assert False

    @pytest.mark.xfail
    def test_unexpected(): pass
"""


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]])
def test_how_each_test_ended_is_recorded(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    if arguments:
        pytest.importorskip("xdist")
    (tmp_path / "test_suite.py").write_text(dedent(ENDINGS))
    run("--record-sql", "sql.json", *arguments)
    document = json.loads((tmp_path / "sql.json").read_text())
    assert {name.partition("::")[2]: section.get("outcome") for name, section in document["sections"].items()} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_setup": "error",
        "test_teardown": "error",
        "test_skips": "skipped",
        "test_skipped": "skipped",
        "test_expected": "xfailed",
        "test_unexpected": "xpassed",
    }


def test_a_test_that_fails_after_the_rewrite_is_a_difference_although_it_sent_the_same(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_suite.py").write_text(dedent(ENDINGS))
    one, two = (str(tmp_path / name) for name in ("one.json", "two.json"))
    monkeypatch.setenv("BROKEN", "")
    run("--record-sql", one, "-k", "test_passes or test_fails")
    monkeypatch.setenv("BROKEN", "1")
    run("--record-sql", two, "-k", "test_passes or test_fails")
    assert main([one, one]) == 0
    assert main([one, two]) == 1
    assert "passed → failed: test_suite.py::test_fails" in capsys.readouterr().out


def test_a_file_that_can_no_longer_be_collected_is_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_suite.py").write_text(dedent(ENDINGS))
    run("--record-sql", "one.json")
    (tmp_path / "test_suite.py").write_text("import nothing_of_this_name")
    run("--record-sql", "two.json")
    assert main([str(tmp_path / name) for name in ("one.json", "two.json")]) == 1
    assert "additional test: test_suite.py (error)" in capsys.readouterr().out


def test_a_test_that_takes_its_worker_along_is_recorded_as_failed(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    (tmp_path / "test_suite.py").write_text("import os\ndef test_crash(): os._exit(1)\n")
    run("--record-sql", "sql.json", "-n", "1")
    document = json.loads((tmp_path / "sql.json").read_text())
    assert document["sections"]["test_suite.py::test_crash"]["outcome"] == "failed"


def test_without_an_option_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(
        "import sys\ndef test(): assert not [m for m in sys.modules if m.startswith('sqlalchemy')]\n"
    )
    done = run()
    assert done.returncode == 0, done.stdout


def test_the_distribution_registers_the_plugin() -> None:
    text = (COMPAT.parent / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\nalchemove = "alchemove.pytest_plugin"\n' in text
