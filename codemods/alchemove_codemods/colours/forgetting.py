"""Bodies that forget their objects at each commit, as the sync session does.

What runs as a whole inside ``run_sync`` can load there what a commit has expired. So where nothing else helps against values that
were read before a commit, its session expires its objects for as long as the body runs, whoever commits in it:

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result

Behind the body nothing can be loaded any more: no object that it may have let expire may be read there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.expiry import said
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.plain_results import PlainResults
from alchemove_codemods.colours.preloading import Preloading
from alchemove_codemods.colours.responses import Response, Responses, declared
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LATER: Final = frozenset(
    {
        *("add_task", "BackgroundTask", "create_task", "submit", "Thread", "partial"),
        *("StreamingResponse", "EventSourceResponse"),
    }
)
_KEEPS: Final = re.compile(rb"(?<!sync_session\.)expire_on_commit\b(?!\W+True)")


class Forgetting:
    """Answers for one program."""

    def __init__(self, colours: Colours, responses: Responses, preloading: Preloading) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._responses = responses
        self._preloading = preloading
        self._plain = PlainResults(colours.graph, colours.readers)
        self._answers: dict[FunctionFacts, dict[ast.expr, Response] | None] = {}

    def can(self, function: FunctionFacts) -> bool:
        """Whether no object that a commit in the body of *function* lets expire is read behind the body."""
        return self._of(function) is not None

    def loaded(self, function: FunctionFacts) -> dict[ast.expr, Response]:
        """The expressions that *function* returns which have to be read once more in its body, each with its response model."""
        return self._of(function) or {}

    def gives_away(self, function: FunctionFacts) -> bool:
        """Whether something in *function* gives a mapped object to what runs after it, or reads it there."""
        for node in walk(function.node):
            match node:
                case ast.Call(func=callee, args=args, keywords=keywords) if last_name(callee) in _LATER:
                    given = [*args, *(k.value for k in keywords)]
                    if any(self._may_hold(function, n) for n in given):
                        return True
                case ast.Assign(targets=targets, value=value):
                    stored = [
                        t for t in targets if isinstance(t, ast.Attribute) and not self._is_mapped(function, t.value)
                    ]
                    if stored and self._may_hold(function, value):
                        return True
        return False

    def _of(self, function: FunctionFacts) -> dict[ast.expr, Response] | None:
        if function not in self._answers:
            # What a dependency lets expire may be in use elsewhere.
            stays = function in self._colours.roots.endpoints
            stays = stays and self._is_like_the_legacy_one and not self.gives_away(function)
            stays = stays and not self._is_read_by_the_request(function)
            self._answers[function] = self._loaded(function) if stays else None
        return self._answers[function]

    def _loaded(self, function: FunctionFacts) -> dict[ast.expr, Response] | None:
        """What has to be loaded of what *function* returns; None if that cannot be."""
        route = self._colours.roots.endpoints.get(function)
        if route is not None and declared(function, route) is None and not self._are_read_as_a_whole:
            # Of objects without a response model FastAPI gives what is loaded, and loads nothing.
            return {}
        response = self._responses.of(function, route) if route is not None else None
        found: dict[ast.expr, Response] = {}
        for node in self._responses.returned(function):
            if self._plain.is_plain(function, node):
                continue
            read = self._preloading.repeated(function, response, node) if response is not None else None
            if read is None or not read.repeatable:
                return None
            found[node] = read
        return found

    @cached_property
    def _are_read_as_a_whole(self) -> bool:
        """Whether a mapped object may be gone through like a dictionary or a dataclass, which reads all that it has."""
        program, models = self._graph.knowledge.program, self._graph.knowledge.models
        if program.mentioning(b"MappedAsDataclass", b"mapped_as_dataclass", b"computed_field"):
            return True
        return any(
            not {"__iter__", "keys", "__getitem__"}.isdisjoint(cls.members) and models.is_mapped(cls)
            for path in program.mentioning(b"def __iter__", b"def keys", b"def __getitem__")
            if (module := program.module(path)) is not None
            for cls in module.classes.values()
        )

    @cached_property
    def _is_like_the_legacy_one(self) -> bool:
        """Whether all sessions of the legacy program expire their objects."""
        program = self._graph.knowledge.program
        layer = self._colours.layer.module if self._colours.layer is not None else None
        modules = [m for m in said(program, layer) if m is not layer]
        return self._colours.behind.expires and not any(_KEEPS.search(program.raw[m.path]) for m in modules)

    def _is_read_by_the_request(self, function: FunctionFacts) -> bool:
        """Whether what FastAPI calls for the same request may read objects behind the body: the end of a generator, or a middleware."""
        return self._is_kept_for_middleware or any(
            is_generator(provider) and any(self._is_mapped(provider, n) for n in _names(provider))
            for provider in {i.provider for i in self._colours.roots.injected(function) if i.provider is not None}
            if not self._colours.requests.hands_out(provider)
        )

    @cached_property
    def _is_kept_for_middleware(self) -> bool:
        """Whether a mapped object is kept in the ``state`` of a request, and read from there by more than what FastAPI calls."""
        stored: set[str] = set()
        read: set[str] = set()
        for function, node in self._states():
            match node:
                case ast.Attribute(attr=name, ctx=ast.Store()):
                    statement = function.module.source.parents.get(node)
                    if not isinstance(statement, ast.Assign) or self._is_queried(function, statement.value):
                        stored.add(name)
                case ast.Attribute(attr=name) if not self._colours.is_root(function):
                    read.add(name)
                case ast.Call(args=[_, ast.Constant(value=str(name)), *_]) if not self._colours.is_root(function):
                    read.add(name)
        return not stored.isdisjoint(read)

    def _states(self) -> Iterator[tuple[FunctionFacts, ast.expr]]:
        """Where something is kept in the ``state`` of a request, or read from it."""
        program = self._graph.knowledge.program
        for path in program.mentioning(b".state"):
            module = program.module(path)
            for function in module.functions.values() if module is not None else ():
                for node in own_nodes(function):
                    match node:
                        case ast.Attribute(value=ast.Attribute(attr="state")):
                            yield function, node
                        case ast.Call(func=ast.Name(id="getattr"), args=[ast.Attribute(attr="state"), *_]):
                            yield function, node

    def _is_mapped(self, function: FunctionFacts, node: ast.expr) -> bool:
        return bool(self._graph.mapped(function, node))

    def _is_queried(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is a mapped object, or what a function that asks the database gives."""
        ways = given(function, function.module.source.parents, node) if isinstance(node, ast.Name) else []
        calls = [n for n in (node, *(w.node for w in ways)) if isinstance(n, ast.Call)]
        called = [self._graph.knowledge.calls.get(c.func) for c in calls]
        return self._is_mapped(function, node) or any(t in self._graph.talking for t in called if t is not None)

    def _may_hold(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* may be, or close over, a mapped object."""
        values = list(parts(self._graph.value(function, node)))
        match node:
            case ast.Lambda() | ast.GeneratorExp():
                return True
            case ast.Attribute(value=base) if any(isinstance(v, Function) for v in values):
                # A method of an object, which may have kept others.
                objects = parts(self._graph.value(function, base))
                return any(isinstance(v, Instance) and isinstance(v.cls, ClassFacts) for v in objects)
        if any(isinstance(v, Function) and v.facts.outer is not None for v in values):
            return True
        return not self._plain.is_plain(function, node) and self._colours.readers.may_be_mapped(
            self._graph.value(function, node)
        )


def _names(function: FunctionFacts) -> Iterator[ast.expr]:
    return (n for n in own_nodes(function) if isinstance(n, (ast.Name, ast.Attribute)))
