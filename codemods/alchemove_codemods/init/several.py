"""Which of several engines the application works on: the session module is for that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init import uses as using
from alchemove_codemods.init.candidates import Candidate, Engine
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.init.weights import is_for_tests, weight
from alchemove_codemods.program import Program

_T = TypeVar("_T", Candidate, Engine)


def main_engine(program: Program, module: ModuleFacts, engines: Sequence[Engine], uses: Uses) -> Engine | None:
    """The one of *engines* of *module* that most of the program works on.

    None if that is true of several, or if it is not known who takes what (``from database import *``).
    """
    if uses.stars:
        return None
    by_name = {engine.name: engine for engine in engines if not is_for_tests(engine.name)}
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    return _heaviest([(weight(program, module, engine, uses), engine) for engine in by_name.values()])


def main_module(program: Program, found: Sequence[Candidate], uses: Mapping[str, Uses]) -> Candidate | None:
    """The one of *found* whose engines most of the program works on; None if that is true of several."""
    weighed = []
    for candidate in found:
        used = uses[candidate.module.path]
        several = [weight(program, candidate.module, engine, used) for engine in candidate.engines]
        weighed.append((max(several), candidate))
    return _heaviest(weighed)


def is_injected(program: Program, candidate: Candidate) -> bool:
    """Whether FastAPI is given dependencies that are made of an engine of *candidate*."""
    used = using.of(program, candidate.module)
    return any(weight(program, candidate.module, engine, used)[0] for engine in candidate.engines)


def _heaviest(weighed: Sequence[tuple[tuple[int, int, int], _T]]) -> _T | None:
    most = max((each for each, _ in weighed), default=None)
    found = [each for other, each in weighed if other == most]
    return found[0] if len(found) == 1 else None
