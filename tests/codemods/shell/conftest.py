from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from alchemove_codemods import cli
from tests.codemods.shell.standin import Standin


@dataclass(frozen=True)
class Done:
    """A finished command."""

    status: int
    out: str
    err: str


Alchemove = Callable[..., Done]
Git = Callable[..., str]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees what another has cached."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ALCHEMOVE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the test: empty, in no repository."""
    here = tmp_path / "project"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def engine() -> Standin:
    return Standin()


@pytest.fixture
def alchemove(engine: Standin, capfd: pytest.CaptureFixture[str]) -> Alchemove:
    """Run a command with the stand-in engine."""

    def run(*arguments: str) -> Done:
        try:
            status = cli.main(arguments, run=engine)
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        out, err = capfd.readouterr()
        return Done(status, out, err)

    return run


def fill(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def git(folder: Path) -> Git:
    """Run git in the working folder, which becomes a repository."""

    def run(*arguments: str, at: Path = folder) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=at, check=True, capture_output=True, text=True).stdout

    run("init", "--quiet")
    return run


@contextmanager
def without_privileges() -> Iterator[None]:
    """Without the rights of root, whom no permission stops."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a user without privileges can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
