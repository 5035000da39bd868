"""What ``alchemove explain`` says, and the texts that reports quote."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from alchemove_codemods.registry import reasons, rules
from alchemove_codemods.report.text import SKIP_COMMENT

_SKIP = (
    "A comment `# alchemove: skip` keeps this site as it is, on its own line or, at the top of a file, all of the "
    "file. Remove the comment to have it rewritten."
)


class NotKnown(Exception):
    """Neither a rule nor a reason has this name; carries the near ones."""


def reason(name: str, stage: str | None = None) -> str:
    """The text that belongs to the reason *name* (of *stage*; default: of any); empty if nobody declares it."""
    if name == SKIP_COMMENT:
        return _SKIP
    declared = (reasons(stage).get(name) if stage is not None else None) or reasons().get(name)
    return "" if declared is None else declared[1]


def index() -> str:
    """All rules with their reasons, as Markdown."""
    listed = [f"- `{rule.name}` (stage {rule.stage})\n{_reasons(rule.reasons)}" for rule in rules().values()]
    return "# Rules\n\n" + "".join(listed)


def _reasons(names: Iterable[str]) -> str:
    return "".join(f"  - `{name}`\n" for name in names)


def manual(name: str) -> str:
    """The manual of the rule *name* with its reasons, or of the reason *name*, as Markdown.

    Raises:
        NotKnown: there is neither.
    """
    if (rule := rules().get(name)) is not None:
        refusals = "".join(f"- `{each}`: {' '.join(text.split())}\n" for each, text in rule.reasons.items())
        parts = [f"# {rule.name} (stage {rule.stage})", rule.manual]
        if refusals:
            parts.append(f"## Refuses\n\n{refusals.rstrip()}")
        return "\n\n".join(part for part in parts if part) + "\n"
    if text := reason(name):
        declaring = [rule.name for rule in rules().values() if name in rule.reasons]
        of = f"\n\nA reason of {', '.join(f'`{each}`' for each in declaring)}." if declaring else ""
        return f"# {name}\n\n{' '.join(text.split())}{of}\n"
    known = sorted({*rules(), *reasons(), SKIP_COMMENT})
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or [each for each in known if name in each]
    hint = f"did you mean {', '.join(near)}?" if near else "`alchemove explain --list` shows all names"
    raise NotKnown(f"{name!r} is neither a rule nor a reason: {hint}")
