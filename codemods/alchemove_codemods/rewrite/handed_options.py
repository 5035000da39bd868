"""One more parameter, ``options``, for functions that run a statement for others: in their signatures and at their calls."""

from __future__ import annotations

import ast
import re

from alchemove_codemods.colours.loads.handing import NAME, Hop, hops, last_parameter
from alchemove_codemods.colours.loads.loading import Loading
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.source import Source


def hand_on(file: File, loadings: list[Loading], rule: str) -> None:
    """Let the functions between take ``options``, and hand them on; the first calls are given theirs elsewhere."""
    members: dict[FunctionFacts, None] = {}
    calls: dict[ast.Call, Hop] = {}
    places: dict[ast.expr, None] = {}
    for loading in loadings:
        way = hops(loading)
        members.update((hop.member, None) for hop in way if hop.member.module is file.module)
        calls.update((hop.node, hop) for hop in way[1:] if hop.caller.module is file.module)
        if loading.function.module is file.module:
            places[loading.node] = None
    for member in members:
        _parameter(file, member, rule)
    for node in calls:
        give(file, node, NAME, rule)
    for place in places:
        file.insert(
            file.module.source.end(place), f"{joint(file.module.source, place)}{NAME}(*{NAME})", rule, joined=True
        )


def give(file: File, node: ast.Call, value: str, rule: str) -> None:
    """``f(x)`` → ``f(x, options=value)``."""
    add_argument(file, node, f"{NAME}={value}", rule)


def add_argument(file: File, node: ast.Call, text: str, rule: str) -> None:
    """``f(x)`` → ``f(x, text)``, on a line of its own where the last argument has one."""
    source = file.module.source
    given: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=source.end)
    if not given:
        file.insert(source.end(node) - 1, text, rule)
        return
    begins = source.starts[given[-1].lineno - 1]
    indent = source.text[begins : source.start(given[-1])]
    alone = len(given) > 1 and not indent.strip() and given[-2].lineno != given[-1].lineno
    file.insert(source.end(given[-1]), f",{source.newline}{indent}{text}" if alone else f", {text}", rule)


def _parameter(file: File, function: FunctionFacts, rule: str) -> None:
    source = file.module.source
    annotated = any(p.annotation is not None for p in function.parameters)
    text = f"{NAME}=()"
    if annotated:
        sequence, option = (
            file.imports.use("Sequence", "collections.abc"),
            file.imports.use("ORMOption", "sqlalchemy.orm.interfaces"),
        )
        text = f"{NAME}: {sequence}[{option}] = ()"
    file.insert(max(source.end(n) for n in last_parameter(function)), f", {text}", rule)


def joint(source: Source, top: ast.expr) -> str:
    """What stands between the statement *top* and a further method: a dot, on a line of its own where the others are."""
    if isinstance(top, ast.Call) and isinstance(top.func, ast.Attribute):
        before = source.text[source.end(top.func.value) : source.end(top.func)]
        if (match := re.search(r"(\r\n|\n|\r)([ \t]*)\.[ \t]*\w+$", before)) is not None:
            return f"{match[1]}{match[2]}."
    return "."
