"""``alchemove init`` as a command: what it shows, writes and answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codemods.shell.conftest import Alchemove, Git, fill

LEGACY = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)
"""
FILES = {
    "app/__init__.py": "",
    "app/database.py": LEGACY,
    "app/main.py": "from app.database import SessionLocal\n",
}


@pytest.fixture
def project(folder: Path, git: Git) -> Path:
    fill(folder, FILES)
    git("add", "--all")
    git("commit", "--quiet", "--message", "all")
    return folder


def test_diff_shows_all_files_and_writes_none(project: Path, alchemove: Alchemove, git: Git) -> None:
    done = alchemove("init", ".", "--diff")
    assert done.status == 0
    assert "--- a/app/database.py\n" in done.out
    assert "--- /dev/null\n+++ b/app/db/session.py\n" in done.out
    assert "would be written" in done.out
    assert git("status", "--porcelain") == ""


def test_the_diff_is_what_git_applies(project: Path, alchemove: Alchemove, git: Git) -> None:
    diff = alchemove("init", ".", "--diff").out
    (project.parent / "init.diff").write_text(diff[: diff.index("\napp/database.py:")] + "\n")
    git("apply", "../init.diff")
    applied = {path: path.read_text() for path in project.rglob("app/**/*.py")}
    git("checkout", "--quiet", ".")
    git("clean", "--quiet", "-fd")
    assert alchemove("init", ".").status == 0
    assert {path: path.read_text() for path in project.rglob("app/**/*.py")} == applied


def test_check_answers_with_status_1_until_it_is_done(project: Path, alchemove: Alchemove) -> None:
    assert alchemove("init", ".", "--check").status == 1
    assert alchemove("init", ".").status == 0
    assert alchemove("init", ".", "--check").status == 0


def test_what_is_written_is_shown_too(project: Path, alchemove: Alchemove) -> None:
    done = alchemove("init", ".")
    assert "+++ b/app/db/session.py\n" in done.out
    assert (project / "app/db/session.py").is_file()
    assert (project / "app/db/__init__.py").is_file()
    assert "legacy.export(" in (project / "app/database.py").read_text()


def test_a_second_run_changes_nothing_and_says_so(project: Path, alchemove: Alchemove) -> None:
    alchemove("init", ".")
    before = {path: path.read_bytes() for path in project.rglob("*.py")}
    done = alchemove("init", ".")
    assert done.status == 0
    assert "already initialised: app/db/session.py:8 makes the database; nothing was changed" in done.err
    assert {path: path.read_bytes() for path in project.rglob("*.py")} == before


def test_a_module_with_uncommitted_changes_is_refused(project: Path, alchemove: Alchemove) -> None:
    (project / "app/database.py").write_text(LEGACY + "LIMIT = 1\n")
    done = alchemove("init", ".")
    assert done.status == 2
    assert "uncommitted changes" in done.err
    assert not (project / "app/db").exists()
    assert alchemove("init", ".", "--allow-dirty").status == 0


def test_a_file_that_came_into_being_meanwhile_is_not_overwritten(project: Path, alchemove: Alchemove) -> None:
    # Git ignores it, so that it is no file of the program.
    fill(project, {".gitignore": "db/\n", "app/db/session.py": "MINE = 1\n"})
    done = alchemove("init", ".")
    assert done.status == 2
    assert "exists already and is not overwritten" in done.err
    assert "No file was changed" in done.err
    assert (project / "app/db/session.py").read_text() == "MINE = 1\n"
    assert (project / "app/database.py").read_text() == LEGACY


def test_all_files_are_written_or_none(project: Path, alchemove: Alchemove) -> None:
    (project / "app/database.py").chmod(0o444)
    done = alchemove("init", ".")
    assert done.status == 2
    assert "write-protected" in done.err
    assert not (project / "app/db").exists()


def test_the_session_module_goes_where_the_user_says(project: Path, alchemove: Alchemove) -> None:
    assert alchemove("init", ".", "--to", "app/storage/sessions.py").status == 0
    assert (project / "app/storage/__init__.py").is_file()
    assert "from app.storage.sessions import database" in (project / "app/database.py").read_text()


@pytest.mark.parametrize("place", ["/somewhere/else.py", "app/session.txt"])
def test_a_place_that_cannot_be_is_refused(project: Path, alchemove: Alchemove, place: str) -> None:
    done = alchemove("init", ".", "--to", place)
    assert done.status == 2
    assert place in done.err


def test_json_is_the_report_and_nothing_else(project: Path, alchemove: Alchemove) -> None:
    report = json.loads(alchemove("init", ".", "--format", "json").out)
    assert report["stage"] == "shim"
    assert report["files"] == {"scanned": 3, "changed": 3}
    assert [each["status"] for each in report["findings"]] == ["rewritten", "rewritten"]
    assert report["findings"][0]["path"] == "app/database.py"


def test_nothing_to_do_is_an_error_that_says_why(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"main.py": "import os\n"})
    done = alchemove("init", ".")
    assert done.status == 2
    assert "no module here makes an engine" in done.err


def test_flask_sqlalchemy_is_told_what_does_not_apply(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"app.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n"})
    done = alchemove("init", ".")
    assert done.status == 0
    assert "app.py:2 database-module refused: flask-sqlalchemy" in done.out
    assert "There is no module to turn into a shim" in done.out
    assert [path.name for path in folder.iterdir()] == ["app.py"]


def test_explain_knows_the_rule_and_its_reasons(alchemove: Alchemove) -> None:
    assert "alchemove init PATH" in alchemove("explain", "database-module").out
    assert "--to app/db/session.py" in alchemove("explain", "no-place").out
