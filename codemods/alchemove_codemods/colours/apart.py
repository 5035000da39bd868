"""Functions that FastAPI calls, or could, which have nothing to do with the session of the request.

They tie nobody: what keeps them sync does not keep a request on the legacy session.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cached_property

from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.transactions.openers import Openers
from alchemove_codemods.colours.bound import CALLING
from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.colours.naming import is_exported
from alchemove_codemods.colours.roots import Roots
from alchemove_codemods.colours.uses import Uses
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import Function, Module, parts

_LOOKING_UP = (
    b"getmembers",
    b"globals(",
    b"import_module",
    b"__import__",
    b"sys.modules[",
    b"vars(",
    b"dir(",
    b"getattr(",
    b"__dict__",
)
_DOTTED = re.compile(r"[\w.:]+")
_SESSIONLESS = frozenset({"call", "property", "implicit", "lazy", "response", "opened"})
"""Sites that name no session: what they load is of the session of their object; what they open is looked at where it is used."""


class Apart:
    """Answers for one program; *openers* tells the factories of its sessions, *injected* are the holders that FastAPI fills."""

    def __init__(
        self, roots: Roots, graph: Graph, holders: Holders, uses: Uses, openers: Openers, injected: Collection[Holder]
    ) -> None:
        self._roots = roots
        self._graph = graph
        self._holders = holders
        self._uses = uses
        self._openers = openers
        self._injected = injected
        self._unnamed: dict[FunctionFacts, bool] = {}
        self._asked: set[FunctionFacts] = set()

    def uses_its_own(self, function: FunctionFacts) -> bool:
        """Whether every session that *function* and what it calls use is one that is opened there.

        What it is injected may have the session of the request all the same.
        """
        reached = self._graph.reached([function])
        for inner in reached:
            for site in self._graph.sites.get(inner, ()):
                if site.session is None and site.kind not in _SESSIONLESS:
                    return False
                found = self._holders.of(inner, site.session) if site.session is not None else []
                if not all(self._is_own(holder, function, reached, set()) for holder in found):
                    return False
        return True

    def _is_own(
        self, holder: Holder, function: FunctionFacts, reached: Collection[FunctionFacts], seen: set[Holder]
    ) -> bool:
        if holder in seen:
            return True
        seen.add(holder)
        match holder.where, holder.owner:
            case "made", ast.Call() as call:
                return any(self._opens(inner, call) for inner in reached)
            case "parameter", owner:
                # What another function is given is looked at where this one has it from.
                return owner is not function and holder not in self._injected
            case "variable" | "result", owner if owner in reached:
                edges = self._holders.into.get(holder, ())
                return bool(edges) and all(self._is_own(e.source, function, reached, seen) for e in edges)
        return False

    def _opens(self, function: FunctionFacts, call: ast.Call) -> bool:
        if not _stands_in(function, call):
            return False
        return (self._openers.of(function, call.func) or self._openers.session(function, call)) is not None

    def is_unused(self, function: FunctionFacts) -> bool:
        """Whether no request can run *function*: nothing but tests names it, what is unused itself, or what returns it."""
        if function in self._roots.endpoints or function in self._roots.dependencies:
            return False
        if self._graph.knowledge.program.unreadable(function.name):
            return False
        if function.owner is not None or function.decorators or isinstance(function.node, (ast.Lambda, ast.Module)):
            return False
        if function.outer is not None:
            named = [n for _, n in self._mentions(function)]
            parents = function.module.source.parents
            return all(isinstance(parents.get(n), ast.Return) for n in named) and self.is_unused(function.outer)
        if function in self._asked:
            return True  # what only names itself, or is named by what it names
        self._asked.add(function)
        try:
            return all(_is_test(m) or self._is_in_unused(m, node) for m, node in self._mentions(function))
        finally:
            self._asked.discard(function)

    def _is_in_unused(self, module: ModuleFacts, node: ast.AST) -> bool:
        around = function_around(module, node)
        return not isinstance(around.node, ast.Module) and self.is_unused(around)

    def is_only_called(self, function: FunctionFacts) -> bool:
        """Whether FastAPI never fills the parameters of *function*: the program calls it, or hands it to what calls it later, and does nothing else.

        ``CurrentUser`` is only an annotation there, whatever dependency it names: the caller gives the user.
        """
        if function in self._roots.endpoints or function in self._roots.dependencies:
            return False
        if function.owner is not None or function.outer is not None or function.decorators:
            return False
        if isinstance(function.node, (ast.Lambda, ast.Module)):
            return False
        if self._graph.knowledge.program.unreadable(function.name):
            return False
        return all(_is_called(module, node) for module, node in self._mentions(function))

    def is_unnamed(self, function: FunctionFacts) -> bool:
        """Whether nothing can run *function*, not even a test: its name, or that of what it stands in, is only where it is defined."""
        if function not in self._unnamed:
            outermost = function
            while outermost.outer is not None:
                outermost = outermost.outer
            # What stands in a test may be one: pytest finds it by its name.
            unused = not _is_test(function.module) and not self._is_gone_through and self.is_unused(function)
            self._unnamed[function] = unused and not any(self._mentions(outermost))
        return self._unnamed[function]

    @cached_property
    def _is_gone_through(self) -> bool:
        """Whether something goes through the names of a module, or looks one up by a value: ``inspect.getmembers(handlers)``, ``getattr(handlers, kind)``."""
        program = self._graph.knowledge.program
        for path in program.mentioning(*_LOOKING_UP):
            module = program.module(path)
            if module is None or _is_test(module):
                continue
            if b"sys.modules[" in program.raw[path]:
                return True
            for node in (*module.source.of_kind(ast.Call), *module.source.of_kind(ast.Attribute)):
                if self._goes_through(module, node):
                    return True
        return False

    def _goes_through(self, module: ModuleFacts, node: ast.AST) -> bool:
        parents = module.source.parents
        match node:
            case ast.Call(func=func) if last_name(func) in ("getmembers", "globals"):
                return True
            case ast.Call(func=func) if last_name(func) in ("import_module", "__import__"):
                return not isinstance(parents.get(node), ast.Expr)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(), *_]):
                return False
            case (
                ast.Call(func=ast.Name(id="vars" | "dir" | "getattr"), args=[held, *_])
                | ast.Attribute(value=held, attr="__dict__")
            ):
                value = self._graph.value(function_around(module, held), held)
                return any(isinstance(p, Module) for p in parts(value))
        return False

    def _mentions(self, function: FunctionFacts) -> Iterator[tuple[ModuleFacts, ast.AST]]:
        """Where the program has the name of *function*, also as a text."""
        knowledge = self._graph.knowledge
        program, name = knowledge.program, function.name
        for path in program.naming(name) if function.outer is None else [function.module.path]:
            module = program.module(path)
            if module is None:
                continue
            for node in self._uses.named(module, name):
                if not self._uses.may_mean(module, node, function):
                    continue
                value = knowledge.static(module, node) if isinstance(node, (ast.Name, ast.Attribute)) else None
                if not (isinstance(value, Function) and value.facts is not function):
                    yield module, node
            for text in module.source.of_kind(ast.Constant):
                if isinstance(text.value, str) and text.value.endswith(name) and not is_exported(module, text):
                    yield module, text


def _stands_in(function: FunctionFacts, call: ast.Call) -> bool:
    return function.node.lineno <= call.lineno <= (function.node.end_lineno or 0)  # type: ignore[attr-defined,no-any-return]


def _is_called(module: ModuleFacts, node: ast.AST) -> bool:
    """Whether *node*, which has the name of a function, calls it or hands it to what does; or is a text that looks nothing up."""
    parents = module.source.parents
    around = parents.get(node)
    match around, node:
        case _, ast.Constant(value=str(text)):
            return _is_test(module) or not _DOTTED.fullmatch(text)
        case ast.Call(func=called), _ if called is node:
            return True
        case ast.Call(func=called), _:
            return last_name(called) in CALLING
        case ast.keyword(), _ if isinstance(call := parents.get(around), ast.Call):
            return last_name(call.func) in CALLING
    return False


def _is_test(module: ModuleFacts) -> bool:
    return is_test(module.body)
