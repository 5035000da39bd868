"""Small programs, each as it was and as it is afterwards: rewritten as a whole, and run on SQLite before and after.

A program is a folder in ``programs/`` with ``before/`` and ``after/``; ``main.main()`` gives what it computes. ``# refuse: reason`` marks the
sites that stay. ``ALCHEMOVE_ACCEPT=1`` writes ``after/`` anew; read the difference before it is committed.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from alchemove_codemods.engine import run
from tests.codemods.recording import statements

PROGRAMS = sorted(p for p in (Path(__file__).parent / "programs").iterdir() if (p / "before").is_dir())
_MARKER = re.compile(r"# refuse: (\S+)$", re.MULTILINE)
DEFECTS = {
    "sessionmaker_subclasses": "a method that a subclass of Session adds could be called by Session itself: unknown-callers",
}
TESTED = {p for p in PROGRAMS if not (p / "before" / "main.py").exists()}


def tree(folder: Path) -> dict[str, bytes]:
    """The Python files below *folder*."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.py"))}


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            p, id=p.name, marks=[pytest.mark.xfail(strict=True, reason=DEFECTS[p.name])] if p.name in DEFECTS else []
        )
        for p in PROGRAMS
    ],
)
def test_a_program_is_rewritten_as_a_whole(program: Path) -> None:
    before = tree(program / "before")
    outcome = run("select", before)
    assert not outcome.problems
    result = {**before, **outcome.changed}
    if os.environ.get("ALCHEMOVE_ACCEPT") and program.name not in DEFECTS:
        for path, content in result.items():
            (program / "after" / path).parent.mkdir(parents=True, exist_ok=True)
            (program / "after" / path).write_bytes(content)
    after = tree(program / "after")
    assert {p: c.decode() for p, c in result.items()} == {p: c.decode() for p, c in after.items()}
    markers = Counter(
        (path, line, match[1])
        for path, raw in before.items()
        for line, text in enumerate(raw.decode().splitlines(), 1)
        if (match := _MARKER.search(text))
    )
    assert Counter((f.path, f.line, f.reason) for f in outcome.findings if f.status != "rewritten") == markers
    assert outcome.count("rewritten") > 0
    assert not run("select", after).changed


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p not in TESTED], ids=lambda p: p.name)
def test_a_program_does_the_same_before_and_after(program: Path) -> None:
    assert ran(program / "after") == ran(program / "before")


@pytest.mark.parametrize("program", sorted(TESTED), ids=lambda p: p.name)
@pytest.mark.parametrize("state", ["before", "after"])
def test_the_tests_of_a_program_pass_before_and_after(program: Path, state: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:cov",
        "--rootdir",
        ".",
        "-c",
        os.devnull,
    ]
    environment = {**os.environ, "PYTHONPATH": str(program / state), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=program / state, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def ran(folder: Path) -> tuple[list[str], object]:
    """The SQL that the program in *folder* sends, and what its ``main()`` gives."""
    with imported(folder), statements() as sql:
        result = importlib.import_module("main").main()
    assert sql
    return sorted_columns(sql), result


def sorted_columns(sql: list[str]) -> list[str]:
    return [re.sub(r"\banon_\d+\.", "", text) for text in sql]


@contextmanager
def imported(folder: Path) -> Iterator[None]:
    """Modules come from *folder*, whatever of the same name was imported before, and are forgotten afterwards."""
    own = {path.stem for place in (folder, folder / "src") if place.exists() for path in place.iterdir()}
    path, wrote = list(sys.path), sys.dont_write_bytecode
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in own}
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = wrote
        for name in [name for name in sys.modules if name.split(".")[0] in own]:
            del sys.modules[name]
        sys.modules.update(others)
        SQLModel.metadata.clear()
        SQLModel._sa_registry.dispose()
