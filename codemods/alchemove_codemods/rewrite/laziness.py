"""When what goes through a query begins to: a Query is sent when its first item is asked for, ``session.scalars()`` at once.

A loop asks at once, a generator expression or ``map()`` whenever somebody asks it. In between the program may write, or
close its session; so such a query can only be rewritten where what is around goes through it on the spot.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from alchemove_codemods.analysis.names import BUILDERS
from alchemove_codemods.facts import last_name

_LAZY = frozenset({"iter", "map", "filter", "zip", "enumerate"})
_LAZY_OF_ITERTOOLS = frozenset(
    {"chain", "from_iterable", "islice", "groupby", "zip_longest", "takewhile", "dropwhile", "filterfalse", "starmap"}
)
_AT_ONCE = frozenset(
    {"list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "next", "reversed"}
)
_COLLECTIONS = frozenset({"OrderedDict", "Counter", "deque", "defaultdict", "array"})
_METHODS = frozenset(
    {
        "join",
        "extend",
        "update",
        "union",
        "intersection",
        "difference",
        "add_all",
        "fromkeys",
        "writerows",
        "executemany",
    }
)
_SIDE_BY_SIDE = frozenset({"zip", "zip_longest"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def starts_at_once(node: ast.expr, parents: Mapping[ast.AST, ast.AST], own: Collection[str | None]) -> bool:
    """Whether the first item of the query *node* is asked for before anything else can happen.

    *node* is what is gone through, *parents* the parent of each node of the file, *own* the names that the file defines:
    a function of its own may be called ``map`` or ``list``.
    """
    at: ast.AST = node
    lazily = False
    while True:
        around = parents.get(at)
        match around:
            case ast.comprehension(iter=iterated) if iterated is at:
                made = parents[around]
                assert isinstance(made, _COMPREHENSIONS)
                if not isinstance(made, ast.GeneratorExp) or made.generators[0] is not around:
                    return True
                at, lazily = made, True
            case ast.Call(func=function, args=[*arguments]) if any(a is at for a in arguments):
                name = last_name(function)
                builtin = isinstance(function, ast.Name) and name not in own
                if not _is_asked_first(around, at, name):
                    return False
                if (builtin and name in _LAZY) or name in _LAZY_OF_ITERTOOLS:
                    if name == "chain" and arguments[0] is not at:
                        # The second one is sent when the first is through, whatever was done with its items.
                        return _goes_through_all(parents.get(around), around, own)
                    at, lazily = around, True
                    continue
                return not lazily or _consumes(around, at, own)
            case (
                ast.For(iter=iterated)
                | ast.Starred(value=iterated)
                | ast.YieldFrom(value=iterated)
                | ast.Compare(comparators=[iterated])
            ) if iterated is at:
                return True
            case ast.Assign(targets=[ast.Tuple() | ast.List()]):
                return True
            case ast.Return():
                return not lazily or (_is_iter(at) and not _within_block(around, parents))
            case _:
                return not lazily


def is_run_last(node: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether nothing runs between *node*, a keyword argument, and the call that it is given to."""
    keyword = parents[node]
    call = parents[keyword]
    assert isinstance(call, ast.Call)
    assert isinstance(keyword, ast.keyword)
    after = call.keywords[call.keywords.index(keyword) + 1 :]
    return not any(_runs(k.value) for k in after)


def is_consumed_at_once(node: ast.expr, parents: Mapping[ast.AST, ast.AST], own: Collection[str | None]) -> bool:
    """Whether what stands around the iterator *node* goes through it on the spot, and does not only keep it or hand it on."""
    around = parents.get(node)
    match around:
        case ast.comprehension() | ast.For() | ast.Starred() | ast.YieldFrom() | ast.Compare():
            return starts_at_once(node, parents, own)
        case ast.Assign(targets=[ast.Tuple() | ast.List()]):
            return True
        case ast.Call(func=function):
            lazy = isinstance(function, ast.Name) and function.id in _LAZY and function.id not in own
            return (lazy or _consumes(around, node, own)) and starts_at_once(node, parents, own)
    return False


def takes_results(call: ast.AST | None) -> bool:
    """Whether *call*, if it is one, takes a result as it takes a list: a dictionary would ask it for its ``keys()``."""
    return not isinstance(call, ast.Call) or last_name(call.func) in (_AT_ONCE | _LAZY) - {"dict"}


def _is_iter(node: ast.AST) -> bool:
    """``return iter(query)``, as ``__iter__`` does it: what called it asks for the first item."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "iter"


def _within_block(node: ast.AST | None, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether something is left with *node* that may close the session."""
    while node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(node, (ast.With, ast.AsyncWith, ast.Try)):
            return True
        node = parents.get(node)
    return False


def _is_asked_first(call: ast.Call, argument: ast.AST, name: str | None) -> bool:
    """Whether nothing else that is given to *call* runs before *argument* is gone through, or can keep it from that."""
    if name in _SIDE_BY_SIDE and call.args[0] is not argument:
        return False  # the one before may be empty
    after = call.args[next(i for i, a in enumerate(call.args) if a is argument) + 1 :]
    after = [*after, *(k.value for k in call.keywords)]
    return not any(map(_runs, after))


def _runs(node: ast.expr) -> bool:
    """Whether something is called with *node* that may do anything."""
    return any(isinstance(n, (ast.Call, ast.Await, ast.Yield)) and not _only_makes(n) for n in _evaluated(node))


def _only_makes(node: ast.AST) -> bool:
    """Whether *node* is a call that makes numbers, or another query that nothing has run yet."""
    match node:
        case ast.Call(func=ast.Name(id="range" | "len" | "int")):
            return True
        case ast.Call(func=ast.Attribute(attr=name, value=value)):
            return name == "query" or (name in BUILDERS and any(_names_query(n) for n in ast.walk(value)))
    return False


def _names_query(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "query"


def _consumes(call: ast.Call, argument: ast.AST, own: Collection[str | None]) -> bool:
    """Whether *call* goes through *argument* at once."""
    match call.func:
        case ast.Name(id=name):
            return (name in _AT_ONCE and name not in own) or name in _COLLECTIONS
        case ast.Attribute(attr=name):
            return name in _METHODS or name in _COLLECTIONS
    return False


def _evaluated(node: ast.expr) -> list[ast.AST]:
    """What is evaluated with *node*: a lambda is only made."""
    return [] if isinstance(node, ast.Lambda) else list(ast.walk(node))


def _goes_through_all(around: ast.AST | None, iterator: ast.expr, own: Collection[str | None]) -> bool:
    """Whether *around* does nothing but go through *iterator*."""
    return isinstance(around, ast.Call) and _consumes(around, iterator, own)
