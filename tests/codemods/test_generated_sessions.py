"""Functions that nobody wrote, before and after the ``sessions`` stage: the same value or exception, the same rows, and nothing open that was not before.

A longer run: ``ALCHEMOVE_FUZZ=40 pytest tests/codemods/test_generated_sessions.py`` (160 functions).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alchemove_codemods.engine import run
from tests.codemods.bank_runs import BANK, scenarios
from tests.codemods.cases import FIXTURES, PATH
from tests.codemods.session_functions import FILES, HEADER, function

ROUNDS = range(int(os.environ.get("ALCHEMOVE_FUZZ", "1")))
EACH = 4


@pytest.mark.parametrize("seed", range(EACH * len(ROUNDS)))
def test_a_generated_function_does_the_same_whatever_fails(seed: int, tmp_path: Path) -> None:
    before = f"{HEADER}\n\n{function(seed)}"
    after = rewritten(before)
    if after == before:
        return
    arguments = [(1,), (2,), (3,)]
    old = dict(scenarios(before, FILES, tmp_path, arguments, ""))
    new = dict(scenarios(after, FILES, tmp_path, arguments, ""))
    assert new.keys() == old.keys()
    for name, state in new.items():
        assert state.pop("connections in use") <= old[name].pop("connections in use"), name
        assert state == old[name], name


def test_most_generated_functions_are_rewritten() -> None:
    changed = [seed for seed in range(20) if rewritten(function(seed), HEADER) != function(seed)]
    assert len(changed) >= 6


def rewritten(text: str, header: str = "") -> str:
    """*text* behind *header* after the stage, without the header."""
    sources = {f"{name}.py": (FIXTURES / f"{name}.py").read_bytes() for name in BANK}
    sources |= {path: content.encode() for path, content in FILES.items()}
    outcome = run("sessions", {**sources, PATH: f"{header}{text}".encode()}, targets=[PATH])
    assert not outcome.problems
    result = outcome.changed.get(PATH, f"{header}{text}".encode()).decode()
    return result[result.index("def run(") :] if header else result
