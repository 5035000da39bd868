"""Objects that a commit expires, and that sync code reads afterwards: they can be refreshed at once.

``db.commit(); return event.status`` sends a statement for the attribute that is read. ``db.refresh(event)`` sends the same one
where it can be seen. Only what is read on every way that goes on from the commit is refreshed, so that nothing is asked for more
often than before, and a row that is gone raises where it raised.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.loading import Loading, Lost, Stretch
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.loads.refreshes import LETTING_GO, Refresh
from alchemove_codemods.colours.loads.typed import mapped_class
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import suites, walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_PLAIN = (ast.Return, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)
_CONDITIONAL = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
# Methods of a query, or of a dynamic relationship, that delete nothing.
_KEEPING = frozenset({
    "add", "all", "append", "count", "exists", "extend", "filter", "filter_by", "first", "get", "limit", "offset", "one", "one_or_none",
    "order_by", "scalar", "update",
})  # fmt: skip
_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom, ast.Assert)


def refreshable(colours: Colours, origins: Origins, function: FunctionFacts, node: ast.expr) -> Loading | None:
    """Where the object whose attribute *node* of *function* reads can be refreshed, after the commit that expires it."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    # Who waits for this very exception would wait for nothing.
    if colours.knowledge.program.mentioning(b"ObjectDeletedError") or not colours.editable(function):
        return None
    typed = mapped_class(colours, function, node.value)
    if typed is None or len(_sessions(colours, function)) != 1:
        return None
    cls, optional = typed
    for refresh in origins.refreshes.before(function, node.value, node):
        if refresh.again:
            if refresh.kind != "commit" or not _goes_on(refresh, node) or _lets_go(colours, function):
                return None
            if optional and not origins.refreshes.is_there(refresh):
                return None
            if not is_loaded(origins, function, node) and not origins.refreshes.is_persistent(refresh):
                return None
            stretches = (Stretch(function, refresh.call, node),)
            return Loading(
                function, refresh.call, node.value, function, cls, (), stretches, single=True, refresh=refresh
            )  # fmt: skip
    return None


def is_loaded(origins: Origins, function: FunctionFacts, node: ast.Attribute) -> bool:
    """Whether a statement loads the object whose attribute *node* reads."""
    try:
        return all(loading.refresh is None for loading in origins.of(function, node.value, node))
    except Lost:
        return False


def _lets_go(colours: Colours, function: FunctionFacts) -> bool:
    """Whether *function* may delete an object, or take it out of its session: it keeps what it has then."""
    for each in colours.graph.run_by([function]):
        for site in colours.graph.sites.get(each, ()):
            call = site.node if isinstance(site.node, ast.Call) else None
            if site.kind == "query" and (call is None or last_name(call.func) not in _KEEPING):
                return True
            if site.kind == "io" and site.name in LETTING_GO:
                return True
            first = call.args[0] if call is not None and call.args else None
            runs = site.kind == "io" and site.name in ("execute", "exec")
            if runs and not colours.writes.sources.keeps_rows(each, first):
                return True
    return False


def _sessions(colours: Colours, function: FunctionFacts) -> set[str]:
    return {ast.unparse(n) for n in colours.graph.sessions(function) if isinstance(n, (ast.Name, ast.Attribute))}


def _goes_on(refresh: Refresh, node: ast.expr) -> bool:
    """Whether whatever comes after the line of *refresh* reads *node*."""
    parents = refresh.function.module.source.parents
    at: ast.AST = node
    while not isinstance(at, ast.stmt):
        at = parents[at]
        if isinstance(at, _CONDITIONAL):
            return False
    holder = parents.get(refresh.statement)
    for suite in suites(holder) if holder is not None else ():
        if refresh.statement in suite and at in suite and isinstance(at, _PLAIN):
            between = suite[suite.index(refresh.statement) + 1 : suite.index(at)]
            return not any(isinstance(n, _LEAVING) for s in between for n in walk(s))
    return False
