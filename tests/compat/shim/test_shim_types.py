"""Type checkers see real types and strike legacy names through; the block they read changes nothing at run time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMPAT, Application

pytest.importorskip("mypy")

USER = """
from app.database import Base, SessionLocal, engine, get_db, get_db_connection, get_db_session, make, LIMIT
from sqlalchemy.orm import Mapped, mapped_column

class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)

def use() -> None:
    reveal_type(next(get_db()))
    reveal_type(SessionLocal())
    with get_db_session() as session:
        reveal_type(session)
    with engine.connect() as connection:
        reveal_type(connection)
    reveal_type(get_db_connection().autocommit)
    reveal_type(make(1, name="x"))
    reveal_type(Item().id)
    reveal_type(LIMIT)
"""
TYPES = ["Session", "Session", "Session", "Connection", "bool", "dict[str, int | None]", "int", "int"]


@pytest.fixture
def typed(application: Application) -> Application:
    application.write(
        app__base="from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n",
        app__tools='def make(x: int, *, name: str = "n") -> dict[str, int | None]: return {name: x}\n',
        app__database="""
            from alchemove.shim import LegacyDatabase
            from sqlalchemy import create_engine

            LIMIT = 10
            legacy = LegacyDatabase(create_engine("sqlite://"), autoflush=False)
            legacy.export(
                __name__,
                engine="app.db.session.database.sync_engine",
                SessionLocal="app.db.session.get_sync_session",
                get_db="app.db.session.get_session",
                get_db_session="app.db.session.get_sync_session",
                get_db_connection="session.execute(text(...))",
                Base=("app.base:Base", "app.base.Base"),
                make=("app.tools:make", "app.tools.make"),
            )
        """,
        user=USER,
    )
    done = application.run("-m", "alchemove.shim_types", "app.database")
    assert done.returncode == 0, done.stderr
    return application


def test_mypy_reveals_real_types_and_reports_each_use(typed: Application) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--enable-error-code", "deprecated", "--cache-dir", os.devnull,
         "--python-version", "3.10", "user.py", "app/database.py"],
        cwd=typed.folder, env={**typed.environment(), "MYPYPATH": str(COMPAT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert [
        re.sub(r"\b(?:\w+\.)+(?=\w)", "", each).replace("Union[int, None]", "int | None") for each in revealed
    ] == TYPES
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert all("[deprecated]" in line for line in errors), done.stdout
    found = re.findall(r"app\.database\.([\w.]+) is deprecated: use", done.stdout)
    assert {"get_db", "Base", "get_db_session", "get_db_connection", "make"} <= set(found)
    assert {"_SessionLocal.__call__", "_engine.connect"} <= set(found)


def test_pyright_strikes_the_names_through(typed: Application) -> None:
    program = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("basedpyright is not installed")
    (typed.folder / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "standard", "reportDeprecated": "warning", "extraPaths": [str(COMPAT)]})
    )
    done = subprocess.run(
        [program, "--outputjson", "--pythonpath", sys.executable, "user.py", "app/database.py"],
        cwd=typed.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    diagnostics = json.loads(done.stdout)["generalDiagnostics"]
    assert [each for each in diagnostics if each["severity"] == "error"] == []
    struck = {
        re.findall(r'"(\w+)"', each["message"])[0]
        for each in diagnostics
        if each.get("rule") == "reportDeprecated" and each["file"].endswith("user.py")
    }
    assert {"get_db", "Base", "get_db_session", "get_db_connection", "make", "SessionLocal", "connect"} <= struck


def test_the_block_changes_nothing_at_run_time(typed: Application) -> None:
    typed.write(
        main="""
            import app.database
            from app.database import *
            print(sorted(n for n in globals() if not n.startswith("_")), type(engine).__name__)
        """
    )
    done = typed.run("main.py")
    assert "Engine" in done.stdout
    assert "typing" not in done.stdout
    assert "is deprecated" in done.stderr


def test_a_second_run_changes_nothing_and_check_tells(typed: Application) -> None:
    module = typed.folder / "app" / "database.py"
    before = module.read_text()
    assert typed.run("-m", "alchemove.shim_types", "app.database", "--check").returncode == 0
    typed.run("-m", "alchemove.shim_types", "app.database")
    assert module.read_text() == before
    module.write_text(before.replace("app.tools.make", "app.tools.other", 1))
    assert typed.run("-m", "alchemove.shim_types", "app.database", "--check").returncode == 1


def test_a_base_that_a_function_made_is_imported_from_where_it_is(application: Application) -> None:
    application.write(
        app__base="from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n",
        app__database="""
            from alchemove import deprecated_exports
            deprecated_exports(__name__, {"Base": ("app.base:Base", "app.base.Base")})
        """,
    )
    command = [sys.executable, "-W", "ignore", "-m", "alchemove.shim_types", "app.database"]
    environment = {**os.environ, "PYTHONPATH": str(COMPAT)}
    subprocess.run(command, cwd=application.folder, env=environment, check=True)
    written = (application.folder / "app/database.py").read_text()
    assert "    from app.base import Base as Base\n" in written
    assert "decl_api" not in written


def test_a_module_without_legacy_names_is_refused(shim: Callable[[], Application]) -> None:
    done = shim().run("-m", "alchemove.shim_types", "app.real")
    assert done.returncode == 2
    assert "exports no legacy names" in done.stderr
