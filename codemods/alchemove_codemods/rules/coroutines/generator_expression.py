"""Generator expressions that await become lists, where they are gone through from end to end at once.

A generator expression with `await` inside is an asynchronous generator, which `sum`, `sorted` and the like do not take.

    total = sum(price(db, item) for item in items)     total = sum([await price(db, item) for item in items])
    names = list(name(db, i) for i in ids)             names = [await name(db, i) for i in ids]

So it is for `list`, `tuple`, `set`, `frozenset`, `dict`, `sum`, `min`, `max`, `sorted` and `"".join`. `any`, `all` and `next`
stop at the first item that settles it, and a list would send the statements of all others: what they call stays sync and
runs in `run_sync`, with the reason `deferred`. So does what a generator that is kept for later calls.
"""

from __future__ import annotations

import ast
from functools import partial

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "generator-expression"
_DISPLAYS = {"list": ("[", "]"), "set": ("{", "}")}


@rule(_NAME, stage="async")
def generator_expression(file: File, plan: Plan) -> None:
    """``sum(f(x) for x in y)`` → ``sum([await f(x) for x in y])``."""
    for node in plan.listed:
        call = file.module.source.parents[node]
        assert isinstance(call, ast.Call)
        _list(file, node, call)


def _list(file: File, node: ast.GeneratorExp, call: ast.Call) -> None:
    source = file.module.source
    start, end = source.start(node), source.end(node)
    own = end != source.end(call)
    """Whether the generator has parentheses beside those of the call."""
    opening, closing = "[" if own else "([", "]" if own else "])"
    first, last = start, end
    match call:
        case ast.Call(func=ast.Name(id="list" | "set" as name), args=[_], keywords=[]):
            opening, closing = _DISPLAYS[name]
            first, last = source.start(call), source.end(call)
    file.edits.add(first, start + 1, partial(str, opening), _NAME)
    file.edits.add(end - 1, last, partial(str, closing), _NAME)
