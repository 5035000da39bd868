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


_FOLDERS = {"select": ("select", "removed")}
"""Where the rules of a stage are, of which only these need to be imported for a run."""


@functools.cache
def rules(stage: str | None = None) -> Mapping[str, Rule]:
    """The rules of *stage* (default: of all) by name, in order of name; imports the modules that declare them."""
    folders = [f"alchemove_codemods.rules.{folder}" for folder in _FOLDERS.get(stage or "", ())]
    for folder in folders or ["alchemove_codemods.rules"]:
        package = importlib.import_module(folder)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    return {name: declared for name, declared in sorted(_declared.items()) if stage in (None, declared.stage)}


@functools.cache
def handlers(stage: str) -> Mapping[tuple[str, str], Rule]:
    """The rules of *stage* by the construct they are given and the method they apply to."""
    return {(declared.takes, method): declared for declared in rules(stage).values() for method in declared.on}


@functools.cache
def reasons(stage: str | None = None) -> Mapping[str, tuple[Rule, str]]:
    """Every reason that is declared for *stage* (default: for any): the rule that declares it and its text."""
    return {reason: (declared, text) for declared in rules(stage).values() for reason, text in declared.reasons.items()}
