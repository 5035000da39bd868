"""Small programs before and after ``alchemove init``: exactly these files, and both sides do the same when they run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from alchemove_codemods.init.run import run

PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").iterdir() if path.is_dir())
RUNNABLE = [path for path in PROGRAMS if (path / "new.py").exists()]
SHIMMED = [path for path in RUNNABLE if any(b"legacy.export(" in each.read_bytes() for each in path.rglob("*.py"))]
WARNING = re.compile(r"^(.*?):(\d+): AlchemoveDeprecationWarning: (.*)$", re.MULTILINE)


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.name) for path in paths]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}


def initialised(program: Path) -> dict[str, bytes]:
    """The program afterwards; ``after`` holds what is new in it."""
    return {**tree(program / "before"), **tree(program / "after")}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.db"
    postgres: URL = request.getfixturevalue("postgres_url")
    return postgres.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def execute(sources: dict[str, bytes], folder: Path, program: str, url: str) -> subprocess.CompletedProcess[str]:
    for name, content in sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONWARNINGS": "always", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, folder / program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("program", named(PROGRAMS))
def test_a_program_becomes_exactly_what_it_should(program: Path) -> None:
    before = tree(program / "before")
    done = run(before, (), list(before), [])
    assert done.outcome.changed == tree(program / "after")
    findings = [
        f"{each.path}:{each.line} {each.reason or 'done'} {each.message.split(':')[0]}"
        for each in done.outcome.findings
    ]
    assert [*findings, *(["stuck"] if done.stuck else [])] == (program / "findings.txt").read_text().splitlines()


@pytest.mark.parametrize("program", named(RUNNABLE))
def test_a_second_run_says_so_and_changes_nothing(program: Path) -> None:
    after = initialised(program)
    done = run(after, (), list(after), [])
    assert not done.outcome.changed
    assert not done.stuck
    assert "already initialised" in done.notes[0]


@pytest.mark.parametrize("program", named(RUNNABLE))
def test_the_old_names_do_what_they_did_and_warn_at_the_line_that_uses_them(
    program: Path, url: str, tmp_path: Path
) -> None:
    before = execute(tree(program / "before"), tmp_path / "before", "check.py", url)
    assert before.returncode == 0, before.stderr
    after = execute(initialised(program), tmp_path / "after", "check.py", url)
    assert after.returncode == 0, after.stderr
    assert after.stdout == before.stdout
    warned = {(file, int(line), text) for file, line, text in WARNING.findall(after.stderr)}
    assert bool(warned) == (program in SHIMMED)
    for file, line, text in warned:
        path = Path(file)
        assert path.is_relative_to(tmp_path / "after"), file
        used = text.split(" is deprecated")[0].rsplit(".", 1)[1]
        assert used in path.read_text().splitlines()[line - 1]


@pytest.mark.parametrize("program", named(RUNNABLE))
def test_the_new_names_work(program: Path, url: str, tmp_path: Path) -> None:
    sources = {**initialised(program), "new.py": (program / "new.py").read_bytes()}
    done = execute(sources, tmp_path / "after", "new.py", url)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (program / "new.txt").read_text()
    ours = [line for line in done.stderr.splitlines() if "AlchemoveDeprecationWarning" in line and "/new.py:" in line]
    # A class or a function that stays in the legacy module is still used from there.
    assert not ours, ours


@pytest.mark.parametrize("program", named(SHIMMED))
def test_type_checkers_see_every_legacy_name(program: Path) -> None:
    for name, content in tree(program / "after").items():
        if b"legacy.export(" not in content:
            continue
        text = content.decode()
        exported = re.findall(r"^    (\w+)=", text.split("legacy.export(")[1].split("\n)")[0], re.MULTILINE)
        seen = text.split("_typing.TYPE_CHECKING:")[1]
        assert exported
        for each in exported:
            assert re.search(rf"\b{each}\b", seen), (name, each)
