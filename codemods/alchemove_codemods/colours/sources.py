"""Where a statement comes from: the ``select(...)``, ``update(...)`` or ``text(...)`` that it was built on."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.changing_functions import calls_changing
from alchemove_codemods.colours import textual
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.facts import FunctionFacts, last_name, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import External, Module, parts

SELECTING = frozenset({"select", "union", "union_all", "exists", "intersect", "except_"})


class Sources:
    """Answers for one program; remembers what it is being asked, since functions call each other."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._asked: set[ast.AST] = set()

    def of(self, function: FunctionFacts, node: ast.expr | None) -> list[ast.Call] | None:
        """The calls that begin the statement *node* of *function*, on all ways to it; None if they are not known."""
        if node is None or node in self._asked:
            return None
        self._asked.add(node)
        try:
            return self._of(function, node)
        finally:
            self._asked.discard(node)

    def _of(self, function: FunctionFacts, node: ast.expr) -> list[ast.Call] | None:
        match node:
            case ast.Call(func=ast.Attribute(value=base)) if not self._is_namespace(function, base):
                if node.func in self._graph.knowledge.calls:
                    return self._returned(self._graph.knowledge.calls[node.func])
                return self.of(function, base)
            case ast.Call(func=callee):
                called = self._graph.knowledge.calls.get(callee)
                return [node] if called is None else self._returned(called)
            case ast.Name(id=name):
                return self._assigned(function, name) or self._global(function, node)
            case ast.IfExp(body=first, orelse=second):
                return _all([self.of(function, first), self.of(function, second)])
        return None

    def _is_namespace(self, function: FunctionFacts, node: ast.expr) -> bool:
        value = self._graph.value(function, node)
        return all(isinstance(v, (External, Module)) for v in parts(value))

    def _assigned(self, function: FunctionFacts, name: str) -> list[ast.Call] | None:
        found: list[list[ast.Call] | None] = []
        for node in walk(function.node):
            match node:
                case ast.Assign(targets=targets, value=value) if any(
                    isinstance(t, ast.Name) and t.id == name for t in targets
                ):
                    # ``stmt = stmt.where(...)`` begins where it began before.
                    if _begins_with(value) != name:
                        found.append(self.of(function, value))
                case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                    found.append(self.of(function, value))
        return _all(found)

    def _global(self, function: FunctionFacts, node: ast.Name) -> list[ast.Call] | None:
        """What the global *node* begins with, wherever it is bound."""
        if any(p.arg == node.id for p in function.parameters) or node.id in local_names(function.node):
            return None
        program = self._graph.knowledge.program
        origin = program.origin_of(function.module, node)
        module = program.module(origin[0]) if origin is not None and origin[0].endswith(".py") else None
        bindings = module.bindings.get(origin[1], ()) if module is not None and origin is not None else ()
        found = [self.of(module.body, b.node) for b in bindings if module is not None and isinstance(b.node, ast.expr)]
        return _all(found) if len(found) == len(bindings) else None

    def _returned(self, function: FunctionFacts) -> list[ast.Call] | None:
        return _all([self.of(function, n.value) for n in walk(function.node) if isinstance(n, ast.Return)])

    def only_reads(self, function: FunctionFacts, node: ast.expr | None) -> bool:
        """Whether the statement *node* is a SELECT."""
        calls = self.of(function, node)
        return calls is not None and all(_reads(function, call) for call in calls)

    def may_write(self, function: FunctionFacts, node: ast.expr | None) -> bool:
        """Whether the statement *node* is known, and not as a SELECT: ``insert(User).returning(User)``."""
        calls = self.of(function, node)
        return calls is not None and not all(_reads(function, call) for call in calls)

    def keeps_rows(self, function: FunctionFacts, node: ast.expr | None) -> bool:
        """Whether the statement *node* is known to delete nothing."""
        calls = self.of(function, node)
        return calls is not None and all(
            _reads(function, call) or last_name(call.func) in ("insert", "update") for call in calls
        )

    def shape(self, function: FunctionFacts, node: ast.expr | None) -> str | None:
        """How SQLModel's ``exec`` runs the statement *node*: ``scalars`` or ``execute``; None if that is not known."""
        calls = self.of(function, node)
        if not calls:
            return None
        shapes = {_shape(call) for call in calls}
        return shapes.pop() if len(shapes) == 1 else None


def _all(found: list[list[ast.Call] | None]) -> list[ast.Call] | None:
    calls: list[ast.Call] = []
    for each in found:
        if each is None:
            return None
        calls += each
    return calls or None


def _begins_with(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _reads(function: FunctionFacts, call: ast.Call) -> bool:
    name = last_name(call.func)
    if name == "text" and call.args:
        return textual.reads(function, call.args[0])
    return name in SELECTING and not calls_changing(call)


def _shape(call: ast.Call) -> str | None:
    match last_name(call.func):
        case "select" if not any(isinstance(a, ast.Starred) for a in call.args):
            return "scalars" if len(call.args) == 1 else "execute"
        case "update" | "delete" | "insert" | "text":
            return "execute"
    return None
