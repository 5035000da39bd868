"""Rules as values: what is declared about each, and where to find them."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])
_declared: dict[str, Rule] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule.

    ``name`` is that of the old construct, ``stage`` the stage it belongs to, ``reasons`` maps each reason for which
    it can refuse to a text that says what was found and what to do about it. ``manual`` is the docstring of the
    rule's module.
    """

    name: str
    stage: str
    reasons: Mapping[str, str]
    manual: str
    function: Callable[..., Any]
    on: tuple[str, ...] = ()
    takes: str = ""


def rule(
    name: str, *, stage: str, on: Sequence[str] = (), reasons: Mapping[str, str] | None = None
) -> Callable[[_F], _F]:
    """Declare the decorated function as the rule *name* of *stage*.

    ``on`` lists the methods it applies to (default: its name); the annotation of its first parameter says which
    construct it is given (``Builder``, ``Terminal``, ``Iterated``; see ``rewrite.views``).
    """

    def declare(function: _F) -> _F:
        manual = sys.modules[function.__module__].__doc__ or ""
        if name in _declared:
            raise ValueError(f"rule {name!r} is declared twice")
        takes = str(next(iter(function.__annotations__.values()), ""))
        _declared[name] = Rule(name, stage, dict(reasons or {}), manual.strip(), function, tuple(on) or (name,), takes)
        return function

    return declare


@functools.cache
def rules() -> Mapping[str, Rule]:
    """All rules by name, in order of name; imports every module below ``alchemove_codemods.rules``."""
    package = importlib.import_module("alchemove_codemods.rules")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    return dict(sorted(_declared.items()))


@functools.cache
def handlers(stage: str) -> Mapping[tuple[str, str], Rule]:
    """The rules of *stage* by the construct they are given and the method they apply to."""
    return {
        (declared.takes, method): declared
        for declared in rules().values()
        if declared.stage == stage
        for method in declared.on
    }


def reasons() -> Mapping[str, tuple[Rule, str]]:
    """Every declared reason: the rule that declares it and its text."""
    return {reason: (declared, text) for declared in rules().values() for reason, text in declared.reasons.items()}
