"""Where what is written as a lambda, a generator or a lazy iterator is evaluated: the expression around that runs it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from alchemove_codemods.facts import last_name

_CONSUMING = frozenset(
    {
        *(
            "list",
            "tuple",
            "set",
            "frozenset",
            "dict",
            "sorted",
            "sum",
            "any",
            "all",
            "min",
            "max",
            "join",
            "len",
            "next",
        ),
        *("Counter", "deque", "OrderedDict", "fsum", "mean", "median", "extend", "update", "add_all"),
    }
)
# What these return goes through its arguments only when somebody goes through it.
_LAZY_BUILTINS = frozenset({"map", "filter", "zip", "enumerate", "iter"})
_LAZY_ITERTOOLS = frozenset(
    {
        *("chain", "from_iterable", "groupby", "starmap", "islice", "takewhile", "dropwhile", "filterfalse"),
        *("accumulate", "compress", "pairwise", "batched", "zip_longest"),
    }
)
Parents = Mapping[ast.AST, ast.AST]


def evaluated(parents: Parents, node: ast.expr) -> ast.expr | None:
    """The expression that runs the lambda, generator expression or comprehension *node*; None if that is not known.

    A lambda is taken to be called by the call that it is an argument of, unless that returns an iterator.
    """
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        return node
    if isinstance(node, ast.GeneratorExp):
        return exhausted(parents, node)
    call = _enclosing_call(parents, node)
    while call is not None and last_name(call.func) == "partial":
        # What it makes is called where it is given to, or called itself: ``sorted(users, key=partial(ranked, by))``.
        call = _enclosing_call(parents, call)
    return exhausted(parents, call) if call is not None and _is_lazy(call) else call


def run_by(parents: Parents, call: ast.Call) -> ast.expr | None:
    """The expression that runs the functions that *call* is given: itself, or what goes through the iterator it returns."""
    return exhausted(parents, call) if _is_lazy(call) else call


def exhausted(parents: Parents, node: ast.expr) -> ast.expr | None:
    """The smallest expression around the iterator *node* in which it is gone through; None if that is not known."""
    around = parents.get(node)
    match around:
        case ast.Call(func=callee, args=arguments) if node in arguments:
            if last_name(callee) in _CONSUMING:
                return around
            return exhausted(parents, around) if _is_lazy(around) else None
        case ast.comprehension(iter=iterated) if iterated is node:
            whole = parents[around]
            return exhausted(parents, whole) if isinstance(whole, ast.GeneratorExp) else _expression(whole)
        case ast.Starred():
            return _expression(parents.get(around))
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if right is node:
            return around
    return None


def _expression(node: ast.AST | None) -> ast.expr | None:
    return node if isinstance(node, ast.expr) else None


def _is_lazy(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name) if name in _LAZY_BUILTINS:
            return True
    return last_name(call.func) in _LAZY_ITERTOOLS


def _enclosing_call(parents: Parents, node: ast.AST) -> ast.Call | None:
    at = parents.get(node)
    while at is not None and not isinstance(at, ast.stmt):
        if isinstance(at, ast.Call):
            return at
        at = parents.get(at)
    return None
