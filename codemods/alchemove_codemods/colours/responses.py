"""What FastAPI reads of the objects that an endpoint returns, after the endpoint is done: its response model.

For a coroutine it reads in the event loop, where nothing can be loaded. An object whose response model has a relationship
among its fields, or a property that talks to the database, is therefore turned into its model while that is possible.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Value

_SETTINGS = re.compile(rb"^from pydantic import [^#\n]*\bBaseSettings\b", re.MULTILINE)
_ANY_VERSION = ("validator", "root_validator")
_SECOND = ("field_validator", "field_serializer", "model_serializer")


@dataclass(frozen=True, slots=True)
class Response:
    """The response model of an endpoint: the expression that names it, and what validates a value in its form.

    ``repeatable`` is False where validating twice may differ from validating once. ``preloaded`` says that the object itself
    is returned, after what the model reads was loaded.
    """

    node: ast.expr
    validate: str
    adapter: bool
    repeatable: bool
    preloaded: bool = False


class Responses:
    """The response models of the program; *first_pydantic* says that it is known to be on pydantic 1."""

    def __init__(self, knowledge: Knowledge, readers: Readers, *, first_pydantic: bool) -> None:
        self._knowledge = knowledge
        self._readers = readers
        # Its BaseSettings is nowhere to be imported from since.
        settings = (knowledge.program.raw[path] for path in knowledge.program.mentioning(b"BaseSettings"))
        self._first_pydantic = first_pydantic or any(map(_SETTINGS.search, settings))

    def of(self, function: FunctionFacts, decorator: ast.expr) -> Response | None:
        """The response model of the endpoint *function*, None if it has none that is read from objects."""
        node = declared(function, decorator)
        if node is None:
            return None
        models = list(self._readers.named(function.module, node))
        if not models:
            return None
        repeatable = all(self._is_repeatable(m) for c in models for m in self._methods(c))
        # An object of a dataclass is taken as it is, with what is in it.
        repeatable = repeatable and not any(last_name(d) == "dataclass" for c in models for d in c.node.decorator_list)
        validate, adapter = self._validation(function.module, node)
        return Response(node, validate, adapter, repeatable)

    def returned(self, function: FunctionFacts) -> Iterator[ast.expr]:
        """The expressions that *function* returns."""
        stack: list[ast.AST] = list(getattr(function.node, "body", []))
        while stack:
            node = stack.pop()
            match node:
                case ast.Return(value=ast.Await(value=ast.Call(func=ast.Attribute(attr="run_sync")))):
                    continue
                case ast.Return(value=ast.expr() as value):
                    yield value
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                    continue
            stack += list(ast.iter_child_nodes(node))

    def loads(self, function: FunctionFacts, response: Response, value: Value) -> bool:
        """Whether reading *value* in the form of *response* may load something."""
        new = self._readers.may_be_new(value)
        return not self._readers.is_plain(value) and any(
            self._readers.reads(cls, new=new) for cls in self._readers.named(function.module, response.node)
        )

    def _methods(self, cls: ClassFacts) -> list[FunctionFacts]:
        return [m for c in self._knowledge.models.ancestors(cls) for m in c.methods]

    def _is_repeatable(self, method: FunctionFacts) -> bool:
        """Whether *method* does nothing when an object of the model is validated, as FastAPI does with what it is given.

        pydantic 2 takes an object of the class as it is, without its validators: only those of the model that run ``after``
        or ``wrap`` see it (https://docs.pydantic.dev/latest/concepts/models/#revalidating-instances). pydantic 1 makes a new one.
        """
        if method.decorated(*_ANY_VERSION):
            return False
        if method.decorated(*_SECOND):
            return not self._knowledge.program.mentioning(b"revalidate_instances")
        return all(_runs_before(d) for d in method.decorators if last_name(d) == "model_validator")

    def _validation(self, module: ModuleFacts, node: ast.expr) -> tuple[str, bool]:
        text = module.source.segment(node)
        match node:
            case ast.Name() | ast.Attribute():
                value = self._knowledge.static(module, node)
                if isinstance(value, Class) and self._readers.is_model(value.facts):
                    return f"{text}.{self._method(value.facts, '{}')}", False
            case ast.Subscript(value=head, slice=ast.Name() | ast.Attribute() as item) if last_name(head) in (
                "List",
                "list",
                "Sequence",
            ):
                value = self._knowledge.static(module, item)
                if isinstance(value, Class) and self._readers.is_model(value.facts):
                    name = module.source.segment(item)
                    return f"[{name}.{self._method(value.facts, 'item')} for item in {{}}]", False
        return f"({text}).validate_python({{}}, from_attributes=True)", True

    def _method(self, cls: ClassFacts, argument: str) -> str:
        """The call that validates *argument* as FastAPI does; ``from_orm`` is the way of pydantic 1.

        Models of pydantic 2 may have an ``orm_mode`` that is left over: it says nothing there, and ``from_orm`` raises.
        """
        ancestors = self._knowledge.models.ancestors(cls)
        if self._first_pydantic and any("orm_mode" in _words(ancestor) for ancestor in ancestors):
            return f"from_orm({argument})"
        if any(
            "from_attributes" in _words(ancestor) for ancestor in ancestors
        ) or "sqlmodel.SQLModel" in self._knowledge.models.lineage(cls):
            return f"model_validate({argument})"
        return f"model_validate({argument}, from_attributes=True)"


@functools.lru_cache(maxsize=1 << 12)
def _words(cls: ClassFacts) -> frozenset[str | None]:
    """The names and keywords in *cls*, which most response models inherit from."""
    return frozenset(word for n in walk(cls.node) for word in (getattr(n, "id", None), getattr(n, "arg", None)))


def _runs_before(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(keywords=keywords):
            return any(
                k.arg == "mode" and isinstance(k.value, ast.Constant) and k.value.value == "before" for k in keywords
            )
    return False


def declared(function: FunctionFacts, decorator: ast.expr) -> ast.expr | None:
    """What the endpoint *function* says it returns, by its route or its annotation; None if it says nothing."""
    if isinstance(decorator, ast.Call):
        for keyword in decorator.keywords:
            if keyword.arg == "response_model":
                return None if isinstance(keyword.value, ast.Constant) else keyword.value
            if keyword.arg == "response_class":
                return None
    returns = getattr(function.node, "returns", None)
    return returns if isinstance(returns, ast.expr) and not isinstance(returns, ast.Constant) else None
