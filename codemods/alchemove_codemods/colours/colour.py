"""Why a function stays sync."""

from __future__ import annotations

from dataclasses import dataclass

from alchemove_codemods.facts import FunctionFacts


@dataclass(frozen=True, slots=True)
class Sync:
    """Why a function stays sync: the declared ``reason``, what it is (``label``), and the caller that needs it so.

    ``via`` is the next function on the way to what forces it, None where the function itself is what forces.
    """

    reason: str
    label: str
    via: FunctionFacts | None = None


def named(function: FunctionFacts) -> str:
    """The name of *function* in a report, with its class."""
    return f"{function.owner.name}.{function.name}" if function.owner is not None else function.name
