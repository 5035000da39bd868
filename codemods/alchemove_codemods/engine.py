"""One stage over a set of files, from bytes to an :class:`Outcome`; pure, it neither reads nor writes files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from alchemove_codemods.findings import Outcome


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can set: ``[tool.alchemove]`` of the target and the command line.

    ``source_roots`` are folders (relative, ``/``) from which absolute imports start, besides the detected ones;
    ``session_names`` are further expressions that hold a session (``ctx.db``); ``strict`` accepts annotation and
    constructor proofs of a session only; ``stage_options`` is the table ``[tool.alchemove.STAGE]``.
    """

    strict: bool = False
    source_roots: tuple[str, ...] = ()
    session_names: tuple[str, ...] = ()
    stage_options: Mapping[str, object] = field(default_factory=dict)


def run(
    stage: str,
    sources: Mapping[str, bytes],
    options: Options | None = None,
    targets: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Decide and apply *stage* for *sources* (path relative to the root, with ``/`` → content).

    All of *sources* is the program from which facts are taken; only *targets* (default: all) are rewritten and
    reported. ``progress`` is called with a short text as the run proceeds. Unparsable files become problems.
    """
    raise NotImplementedError
