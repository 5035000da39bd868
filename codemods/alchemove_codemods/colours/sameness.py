"""Whether the session of a legacy dependency is like those of the session module: the same database, the same options."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from alchemove_codemods.analysis.transactions.listeners import listeners
from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.analysis.transactions.openers import Opener, Openers
from alchemove_codemods.analysis.transactions.verdicts import Listeners
from alchemove_codemods.colours.layer import Layer
from alchemove_codemods.colours.manager_classes import Managed, managed
from alchemove_codemods.colours.request_state import RequestStates
from alchemove_codemods.facts import FunctionFacts, is_generator, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


class Sameness:
    """Answers for one program and its session module; ``openers`` tells what opens sessions in it."""

    def __init__(self, program: Program, layer: Layer | None, states: RequestStates) -> None:
        self.openers = Openers(program)
        self._layer = layer
        self._states = states
        self._known: dict[FunctionFacts, str | None] = {}

    @cached_property
    def heard(self) -> Listeners:
        """Who listens to the sessions of a factory, and would not hear of those of another one."""
        return listeners(self.openers.program, self.openers)

    def opens(self, provider: FunctionFacts) -> bool:
        """Whether *provider* opens sessions of a factory that is known."""
        return self._opener(provider) is not None

    def difference(self, provider: FunctionFacts | None) -> str | None:
        """How the sessions that *provider* hands out differ from those of the session module; None if they do not."""
        if provider is None or self._layer is None:
            return None
        if provider not in self._known:
            self._known[provider] = self._compared(self._opener(provider))
        return self._known[provider]

    def _opener(self, provider: FunctionFacts, seen: frozenset[FunctionFacts] = frozenset()) -> Opener | None:
        if provider.outer is None and provider.owner is None:
            found = self.openers.at((provider.module.path, provider.name))
            if found is not None:
                return found
        if (bound := self.openers.objects.bound(provider)) is not None and (found := self.openers.at(bound)):
            return found
        if (kept := self._states.session(provider)) is not None:
            found = self._opened(kept.middleware, kept.call)
            # What a context manager does in the end is not what closing the session does.
            return (
                found
                if found is not None and found.kind == "factory" and last_name(kept.call.func) != "begin"
                else None
            )
        for node in walk(provider.node):
            if isinstance(node, ast.Call):
                begun = isinstance(node.func, ast.Attribute) and node.func.attr == "begin"
                factory = node.func.value if isinstance(node.func, ast.Attribute) and begun else node.func
                found = self.openers.of(provider, factory) or self.openers.of_shim(provider.module, factory)
                if found is not None and (node.args or node.keywords):
                    return None  # ``SessionLocal(autoflush=True)`` is another session than the factory makes
                found = found or self._opened(provider, node)
                if found is not None:
                    return found
        for node in walk(provider.node):
            if isinstance(node, ast.Call) and (session := self._managed(provider, node)) is not None:
                return self._opened(session.function, session.opening)
        # ``yield from get_session()`` and ``with session_scope() as db``: whatever that opens.
        inner = [f for n in walk(provider.node) if isinstance(n, ast.Call) for f in self._called(provider, n)]
        if len(inner) == 1 and inner[0] not in seen:
            return self._opener(inner[0], seen | {provider})
        return None

    def _managed(self, function: FunctionFacts, call: ast.Call) -> Managed | None:
        """The session that *call* hands out, which makes an object of a class of context managers."""
        program = self.openers.program
        where = origin(program, function, call.func)
        module = program.module(where[0]) if where is not None and where[0] in program.raw else None
        match [b.node for b in module.bindings.get(where[1], ())] if module is not None and where is not None else []:
            case [ast.ClassDef() as node] if module is not None:
                return managed(module.classes[node])
        return None

    def _opened(self, function: FunctionFacts, call: ast.Call) -> Opener | None:
        openers = self.openers
        found = openers.of(function, call.func) or openers.of_shim(function.module, call.func)
        found = found or openers.session(function, call)
        return found or openers.lazily(function, call) or openers.registry(function, call)

    def _called(self, function: FunctionFacts, call: ast.Call) -> Iterator[FunctionFacts]:
        """The generator of the program that *call* of *function* makes."""
        program, objects = self.openers.program, self.openers.objects
        if (bound := objects.origin(function, call.func)) is not None and (method := objects.method(bound)) is not None:
            if is_generator(method.node):
                yield method
            return
        where = origin(program, function, call.func)
        module = program.module(where[0]) if where is not None and where[0] in program.raw else None
        match [b.node for b in module.bindings.get(where[1], ())] if module is not None and where is not None else []:
            case [ast.FunctionDef() as node] if module is not None and is_generator(node):
                yield module.functions[node]

    def _compared(self, opener: Opener | None) -> str | None:
        if opener is None:
            return "sessions of an unknown factory"
        if opener.problem in ("session-options", "other-database"):
            return opener.detail or "another database"
        if not opener.origins.isdisjoint(self.heard.factories):
            return "the events of its sessions are listened to"
        if opener.target is not None and self._layer is not None and opener.target.module is not self._layer.module:
            return f"the database of {opener.target.module.path}"
        return None
