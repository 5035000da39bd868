"""``python -m alchemove_codemods.docs``: every rule and reason as one page of Markdown, for ``docs/rules.md``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from alchemove_codemods.explain import reason
from alchemove_codemods.registry import Rule, rules
from alchemove_codemods.report.text import SKIP_COMMENT
from alchemove_codemods.stages import SHIM, STAGES

_INTRODUCTION = """\
# Rules

Each rule rewrites one legacy construct, or refuses with one of its reasons. The same text is shown by
`alchemove explain RULE` and `alchemove explain REASON`. This page is generated: `make docs`.
"""


def page() -> str:
    """The page, ending with one line end."""
    return "\n".join(_parts()).rstrip() + "\n"


def _parts() -> Iterator[str]:
    yield _INTRODUCTION
    for stage in (SHIM, *STAGES.values()):
        members = [rule for rule in rules().values() if rule.stage == stage.name]
        yield f"## Stage `{stage.name}`\n\n{stage.summary}.\n"
        yield "".join(f"- [`{rule.name}`](#{rule.name})\n" for rule in members)
        for rule in members:
            yield from _rule(rule)
    yield f"## Everywhere\n\n- `{SKIP_COMMENT}`: {reason(SKIP_COMMENT)}\n"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.name}\n"
    # Headings of a manual stand below that of its rule.
    yield re.sub(r"^(#+ )", r"###\1", rule.manual, flags=re.MULTILINE) + "\n"
    if rule.reasons:
        yield "Refuses:\n"
        yield "".join(f"- `{reason}`: {' '.join(text.split())}\n" for reason, text in rule.reasons.items())


if __name__ == "__main__":
    sys.stdout.write(page())
