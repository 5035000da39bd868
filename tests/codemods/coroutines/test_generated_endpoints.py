"""Endpoints that nobody wrote, before and after the ``async`` stage: the same answers and the same rows.

A longer run: ``ALCHEMOVE_FUZZ=20 pytest tests/codemods/coroutines/test_generated_endpoints.py`` (programs of 60 endpoints, and of three with
dependencies, services, helpers and tasks around them: few, so that one endpoint seldom decides about what another one calls).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import URL

from alchemove_codemods.engine import run
from tests.codemods.coroutines.endpoints import endpoints
from tests.codemods.coroutines.layers import application
from tests.codemods.coroutines.test_programs_become_async import COMMON, ran
from tests.codemods.test_programs import tree

GENERATED = Path(__file__).parent / "generated"
SEEDS = range(1, int(os.environ.get("ALCHEMOVE_FUZZ", "1")) + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_endpoints_do_the_same_on_sqlite(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(seed, f"sqlite:///{tmp_path}/rows.db", tmp_path, monkeypatch)


@pytest.mark.parametrize("seed", [s + 1000 for s in SEEDS])
def test_generated_endpoints_do_the_same_on_postgresql(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: URL
) -> None:
    url = postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
    compare(seed, url, tmp_path, monkeypatch)


@pytest.mark.parametrize("seed", [s for start in SEEDS for s in range(4 * start, 4 * start + 4)])
def test_generated_layers_do_the_same_on_sqlite(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    same(layered(seed), f"sqlite:///{tmp_path}/rows.db", tmp_path, monkeypatch)


@pytest.mark.parametrize("seed", [s + 1000 for start in SEEDS for s in range(2 * start, 2 * start + 2)])
def test_generated_layers_do_the_same_on_postgresql(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: URL
) -> None:
    url = postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
    same(layered(seed), url, tmp_path, monkeypatch)


def layered(seed: int) -> dict[str, bytes]:
    requests = (GENERATED / "main.py").read_bytes()
    return {**tree(GENERATED.with_name("generated_layers")), "main.py": requests, **application(seed, 3)}


def compare(seed: int, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    after = same({**tree(GENERATED), "api.py": endpoints(seed, 60).encode()}, url, folder, monkeypatch)
    assert after["api.py"].count(b"async def") > 20


def same(before: dict[str, bytes], url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files of the program *before* after the stage, which have done the same."""
    outcome = run("async", {**tree(COMMON), **before})
    assert not outcome.problems
    after = {**before, **outcome.changed}
    assert not run("async", {**tree(COMMON), **after}).changed
    seen = []
    for state, files in (("before", before), ("after", after)):
        program = folder / f"{state}_program"
        program.mkdir()
        for path, content in files.items():
            (program / path).write_bytes(content)
        seen.append(ran(program, url, folder / state, monkeypatch)[0])
    for number, (legacy, modern) in enumerate(zip(*seen)):
        assert modern == legacy, f"the request of endpoint {number // 2}"
    return after
