"""``python -m alchemove_codemods.docs FOLDER``: the generated pages, all rules with their reasons and all modules with what they are for.

``--check`` writes nothing and exits with 1 where a page is not current.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from alchemove_codemods.explain import reason
from alchemove_codemods.registry import Rule, rules
from alchemove_codemods.report.text import SKIP_COMMENT
from alchemove_codemods.stages import SHIM, STAGES

_RULES = """\
# Rules

Each rule rewrites one legacy construct, or refuses with one of its reasons. The same text is shown by
`alchemove explain RULE` and `alchemove explain REASON`. This page is generated: `make docs`.
"""


_MODULES = """\
# Modules

What each module is for, in its own words: the first line of its docstring. [How the engine works](engine.md) says what they are
together; what stands in `rules/` is on the page of the [rules](rules.md). This page is generated: `make docs`.
"""


def rules_page() -> Iterator[str]:
    """The parts of the page of all rules."""
    yield _RULES
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


def modules_page() -> Iterator[str]:
    """The parts of the page of all modules."""
    yield _MODULES
    for package in ("alchemove_codemods", "alchemove"):
        spec = find_spec(package)
        (root,) = map(Path, (spec.submodule_search_locations or ()) if spec is not None else ())
        for init in sorted(root.rglob("__init__.py")):
            folder = init.parent.relative_to(root.parent)
            if "rules" not in folder.parts:
                yield f"## {folder.as_posix()}\n\n{_first_line(init)}\n"
                modules = sorted(path for path in init.parent.glob("*.py") if path.stem != "__init__")
                yield "".join(f"- **{path.stem}**: {_first_line(path)}\n" for path in modules)


def _first_line(path: Path) -> str:
    documentation = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    line = re.sub(r":(?:mod|class|func|exc|meth):`~?([^`]*)`", r"`\1`", documentation.partition("\n")[0])
    return line.replace("``", "`")


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {"rules.md": rules_page, "modules.md": modules_page}


def page(name: str) -> str:
    """The page *name*, ending with one line end."""
    return "\n".join(PAGES[name]()).rstrip() + "\n"


def main(folder: str, *, check: bool) -> int:
    """Write the pages to *folder*, or see whether they are what would be written; the exit status."""
    stale = [
        path for path in map(Path(folder).joinpath, PAGES) if not path.exists() or path.read_text() != page(path.name)
    ]
    for path in stale:
        if check:
            sys.stderr.write(f"{path} is not current: make docs\n")
        else:
            path.write_text(page(path.name))
    return 1 if check and stale else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m alchemove_codemods.docs", description="Write the generated pages.")
    parser.add_argument("folder", help="where the pages stand: docs")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is not current")
    given = parser.parse_args()
    sys.exit(main(given.folder, check=given.check))
