"""The stages that this version can run, in the order in which a migration takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of ``alchemove rewrite``.

    ``options`` are the keys that ``[tool.alchemove.STAGE]`` may hold, each with the type of its value.
    """

    name: str
    summary: str
    options: Mapping[str, type] = field(default_factory=dict[str, type])


SHIM = Stage("shim", "`alchemove init`: the database module becomes a session module and the shim")
"""A stage of its own command: it makes files, which `alchemove rewrite` never does."""

STAGES: Mapping[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("select", "Query code becomes select(): the same SQL, the same values, no Query left"),
        Stage("sessions", "Each session becomes one block that commits at its end, rolls back on an error and closes"),
        Stage(
            "async",
            "Endpoints and what they call become coroutines on AsyncSession; what has to stay sync is run by it",
            {"to_thread": bool, "copy_dependencies": bool},
        ),
    )
}
