"""Functions that make what models are declared with: ``db = make_extension(app)``, ``Base = make_base()``.

What a model is gets asked before anything is interpreted, so that these functions have to be interpreted first of all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.names import BASE_MAKERS
from alchemove_codemods.facts import FunctionFacts, last_name, local_names
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_GIVING_A_CLASS = frozenset({"cls", "model_class"})
"""Arguments that name a class of the program which all models inherit from: it is looked for where the base gets its name."""


def factories(program: Program) -> Iterator[FunctionFacts]:
    """The functions at the level of a module that return an extension object or a base of no class of the program.

    They make it, or hand out the one that their module has made: ``db = SQLAlchemy()``, ``def prepare(app): db.init_app(app); return db``.
    """
    for path in program.mentioning(*(f"{name}(".encode() for name in sorted(BASE_MAKERS))):
        module = program.module(path)
        for function in module.functions.values() if module is not None else ():
            if function.owner is None and function.outer is None and (_makes(function) or _hands_out(function)):
                yield function


def _makes(function: FunctionFacts) -> bool:
    nodes = list(walk(function.node))
    calls = [n for n in nodes if isinstance(n, ast.Call) and last_name(n.func) in BASE_MAKERS]
    return (
        bool(calls)
        and not any(k.arg in _GIVING_A_CLASS or k.arg is None for call in calls for k in call.keywords)
        and any(isinstance(n, ast.Return) and n.value is not None for n in nodes)
    )


def _hands_out(function: FunctionFacts) -> bool:
    """Whether *function* returns one of the globals of its module that are made so."""
    local = local_names(function.node)
    returned = {n.value.id for n in walk(function.node) if isinstance(n, ast.Return) and isinstance(n.value, ast.Name)}
    made = (b.node for name in returned - local for b in function.module.bindings.get(name, ()))
    return any(isinstance(node, ast.Call) and last_name(node.func) in BASE_MAKERS for node in made)
