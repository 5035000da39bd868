"""The tool as a user has it, with the real engine, on programs that nobody would wish for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codemods.shell.conftest import Done, Git, fill

LEGACY = """\
from sqlalchemy.orm import Session

from models import User


def users(db: Session) -> list[User]:
    return db.query(User).all()
"""
MODELS = """\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
MODERN = "return db.scalars(select(User)).all()"


@pytest.fixture
def program(folder: Path) -> Path:
    fill(folder, {"models.py": MODELS, "users.py": LEGACY})
    return folder


def alchemove(*arguments: str) -> Done:
    command = [sys.executable, "-m", "alchemove", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def rewrite(*options: str) -> Done:
    return alchemove("rewrite", ".", "--stage", "select", *options)


def test_a_legacy_program_becomes_a_modern_one(program: Path) -> None:
    done = rewrite("--format", "json")
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out)["sites"] == {"found": 1, "rewritten": 1, "refused": 0}
    assert MODERN in (program / "users.py").read_text()
    assert (program / "models.py").read_text() == MODELS
    assert json.loads(rewrite("--format", "json").out)["sites"]["found"] == 0


def test_scan_finds_the_models_and_the_legacy_site(program: Path) -> None:
    document = json.loads(alchemove("scan", ".", "--format", "json").out)
    assert document["inventory"]["models"] == ["models.py:7 User"]
    assert document["legacy"]["files"] == {"users.py": 1}


def test_python_2_code_is_reported_with_its_place_and_the_rest_is_done(program: Path) -> None:
    fill(program, {"old.py": "import sys\nprint 'session.query'\n"})
    done = rewrite()
    assert done.status == 2
    assert "error: old.py:2:" in done.err
    assert MODERN in (program / "users.py").read_text()


def test_a_binary_file_is_reported_and_the_rest_is_done(program: Path) -> None:
    fill(program, {"binary.py": b"\x7fELF\x02\x01\x00session.query"})
    done = rewrite()
    assert done.status == 2
    assert "error: binary.py: is no Python source" in done.err
    assert MODERN in (program / "users.py").read_text()


def test_bytes_that_are_not_in_the_declared_encoding_are_reported(program: Path) -> None:
    fill(program, {"latin.py": "# é\nsession.query(User)\n".encode("latin-1")})
    done = rewrite()
    assert done.status == 2
    assert "error: latin.py" in done.err
    assert MODERN in (program / "users.py").read_text()


def test_a_file_of_five_megabytes_is_rewritten(program: Path) -> None:
    filler = "".join(f"    value_{number} = '{'x' * 480}'\n" for number in range(10_400))
    fill(program, {"large.py": LEGACY.replace("    return", filler + "    return")})
    assert (program / "large.py").stat().st_size > 5_000_000
    assert rewrite().status == 0
    changed = (program / "large.py").read_text()
    assert MODERN in changed
    assert filler in changed


def test_two_hundred_levels_of_nesting_are_no_obstacle(program: Path) -> None:
    deep = LEGACY.replace("db.query(User).all()", "[" * 190 + "db.query(User).all()" + "]" * 190)
    blocks = "".join(" " * level + "if True:\n" for level in range(90)) + " " * 90 + "x = db.query\n"
    chain = "def f(db: Session):\n    return db.query(User)" + ".filter(User.id > 0)" * 200 + ".all()\n"
    fill(program, {"deep.py": deep, "blocks.py": blocks, "chain.py": LEGACY + "\n\n" + chain})
    done = rewrite()
    assert done.status in {0, 2}
    for name in ("deep.py", "blocks.py", "chain.py"):
        compile((program / name).read_text(), name, "exec")
    assert MODERN in (program / "users.py").read_text()


def test_a_cycle_of_imports_ends(program: Path) -> None:
    fill(
        program,
        {
            "a.py": "from b import *\nfrom b import x\n",
            "b.py": "from c import x\n",
            "c.py": "from a import *\nfrom a import x\n",
        },
    )
    fill(program, {"user_of_cycle.py": "from a import x\n\n\ndef f():\n    return x.query(x)\n"})
    assert rewrite().status == 0
    assert MODERN in (program / "users.py").read_text()


def test_two_modules_of_the_same_name_are_told_apart(folder: Path) -> None:
    other = MODELS.replace("Base = declarative_base()", "Base = object")
    fill(folder, {"one/models.py": MODELS, "one/users.py": LEGACY, "two/models.py": other, "two/users.py": LEGACY})
    assert rewrite().status == 0
    assert MODERN in (folder / "one/users.py").read_text()
    compile((folder / "two/users.py").read_text(), "users.py", "exec")


def test_uncommitted_changes_stop_the_run(program: Path, git: Git) -> None:
    done = rewrite()
    assert (done.status, "users.py" in done.err, "--allow-dirty" in done.err) == (2, True, True)
    assert (program / "users.py").read_text() == LEGACY
    git("add", ".")
    git("commit", "-qm", "x")
    assert rewrite().status == 0
    assert git("diff", "--name-only") == "users.py\n"


def test_an_unwritable_file_stops_the_run(program: Path) -> None:
    (program / "users.py").chmod(0o444)
    done = rewrite()
    assert (done.status, "users.py: is write-protected" in done.err) == (2, True)
    assert (program / "users.py").read_text() == LEGACY


@pytest.mark.parametrize(
    "source",
    [
        LEGACY.encode().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LEGACY.encode(),
        b"# -*- coding: latin-1 -*-\n# \xe9\n" + LEGACY.encode() + b"x = '\xe9'\n",
        LEGACY.encode().replace(b"    ", b"\t"),
        LEGACY.encode().replace(b"\n\n\n", b"\n\x0c\n\n"),
        LEGACY.encode().rstrip(b"\n"),
    ],
    ids=["crlf", "bom", "cookie", "tabs", "form feed", "no final newline"],
)
def test_every_other_byte_stays(program: Path, source: bytes) -> None:
    fill(program, {"users.py": source})
    assert rewrite().status == 0
    new = (program / "users.py").read_bytes()
    assert b"db.scalars(select(User)).all()" in new
    mark = b"\xef\xbb\xbf"
    assert new.startswith(mark) == source.startswith(mark)
    kept = [line for line in new.removeprefix(mark).splitlines(keepends=True) if b"select" not in line]
    assert kept == [line for line in source.removeprefix(mark).splitlines(keepends=True) if b"query" not in line]


def test_a_skip_comment_is_honoured_and_reported(program: Path) -> None:
    fill(program, {"users.py": LEGACY.replace(".all()", ".all()  # alchemove: skip")})
    document = json.loads(rewrite("--format", "json").out)
    assert [(each["status"], each["reason"]) for each in document["findings"]] == [("refused", "skip-comment")]
    assert "db.query(User)" in (program / "users.py").read_text()


def test_a_second_run_comes_from_the_cache_and_says_the_same(program: Path) -> None:
    assert rewrite("--diff") == rewrite("--diff") == rewrite("--diff", "--no-cache")
