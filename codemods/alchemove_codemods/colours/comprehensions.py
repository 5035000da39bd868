"""Generator expressions that a builtin goes through from end to end at once: a list says the same, and can await.

What stops early (``any``, ``all``, ``next``) or keeps the generator for later is another thing: a list would send
statements that the generator never sends, or send them sooner.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import External, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph
    from alchemove_codemods.colours.site import Site

_WHOLE = frozenset({"list", "tuple", "set", "frozenset", "dict", "sum", "min", "max", "sorted"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Parents = Mapping[ast.AST, ast.AST]


def becomes_a_list(graph: Graph, site: Site) -> bool:
    """Whether *site* can be awaited, in a list that takes the place of the generator expression it is deferred in.

    In one comprehension only: before Python 3.11 those that await cannot stand in others.
    """
    parents = site.function.module.source.parents
    around = items_of(site.node, parents)
    if site.deferred is None or around != [site.deferred] or not isinstance(site.deferred, ast.GeneratorExp):
        return False
    return is_whole(graph, site.function, site.deferred)


def waiting(nodes: Iterable[ast.AST], parents: Parents) -> list[ast.GeneratorExp]:
    """The generator expressions that evaluate one of *nodes*, which are awaited, item by item."""
    found = {g: None for n in nodes for g in items_of(n, parents) if isinstance(g, ast.GeneratorExp)}
    return list(found)


def is_whole(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    """Whether the call around the iterator *node* in *function* goes through all of it before anything else happens."""
    call = function.module.source.parents.get(node)
    if not isinstance(call, ast.Call) or not call.args or call.args[0] is not node:
        return False
    others = [*call.args[1:], *(k.value for k in call.keywords)]
    if not all(isinstance(o, (ast.Constant, ast.Name, ast.Lambda)) for o in others):
        # What is evaluated after the generator is made would come after its items.
        return False
    match call.func:
        case ast.Attribute(value=ast.Constant(value=str()), attr="join"):
            return True
    reached = list(parts(graph.value(function, call.func)))
    return bool(reached) and all(isinstance(v, External) and v.top == "builtins" and v.last in _WHOLE for v in reached)


def items_of(node: ast.AST, parents: Parents) -> list[ast.AST]:
    """The comprehensions that evaluate *node* for each of their items, and the lambdas around it, innermost first."""
    found: list[ast.AST] = []
    below, at = node, parents.get(node)
    while at is not None and not isinstance(at, ast.stmt):
        around = parents.get(at)
        if isinstance(at, ast.comprehension) and isinstance(around, _COMPREHENSIONS):
            if around.generators[0] is at and at.iter is below:
                # What is gone through first is evaluated outside.
                below, at = around, parents.get(around)
                continue
        elif isinstance(at, (*_COMPREHENSIONS, ast.Lambda)):
            found.append(at)
        below, at = at, around
    return found
