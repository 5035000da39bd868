"""What sees the exception of an endpoint whose answer is not of the form of its response model.

FastAPI finds that out behind the endpoint, and raises a ``ResponseValidationError`` where no ``except`` of the endpoint
catches it any more. What is validated inside the endpoint raises pydantic's ``ValidationError``, which is a ``ValueError``.
"""

from __future__ import annotations

import ast
from functools import cached_property

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.roots import ROUTES
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

_CAUGHT = frozenset({"BaseException", "Exception", "ValueError", "ValidationError"})
_HANDLED = _CAUGHT | {"ResponseValidationError"}
_REGISTERING = ("exception_handler", "add_exception_handler")
_AROUND = ("dispatch", "get_route_handler")
_NAMES = (b"exception_handler", b"middleware", b"BaseHTTPMiddleware", b"get_route_handler")


class Handlers:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def see(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether something tells an exception that the endpoint *function* raises at *node* from one that FastAPI raises later."""
        wrapped = any(last_name(d) not in ROUTES for d in function.decorators)
        return wrapped or _is_guarded(function, node) or self._are_registered

    @cached_property
    def _are_registered(self) -> bool:
        """Whether a handler, a middleware or a route of the program sees such exceptions of all endpoints."""
        program = self._graph.knowledge.program
        return any(
            _catches_all(node)
            for path in program.mentioning(*_NAMES)
            if (module := program.module(path)) is not None
            for node in walk(module.source.tree)
        )


def _is_guarded(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether *node* stands in a block of *function* that may catch its exception, or does something else if it ends by one."""
    parents = function.module.source.parents
    below, at = node, parents.get(node)
    while at is not None and below is not function.node:
        match at:
            case ast.Try(body=body, handlers=handlers) if below in body and any(map(_catches, handlers)):
                return True
            case ast.With() | ast.AsyncWith():
                return True
        below, at = at, parents.get(at)
    return False


def _catches(handler: ast.ExceptHandler) -> bool:
    match handler.type:
        case None:
            return True
        case ast.Tuple(elts=elements):
            return any(last_name(e) in _CAUGHT for e in elements)
        case caught:
            return last_name(caught) in _CAUGHT


def _catches_all(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=callee, args=[handled, *_]) if last_name(callee) in _REGISTERING:
            return last_name(handled) in _HANDLED or (isinstance(handled, ast.Constant) and handled.value == 500)
        case (
            ast.FunctionDef(name=name, decorator_list=decorators)
            | ast.AsyncFunctionDef(name=name, decorator_list=decorators)
        ) if name in _AROUND or any(last_name(d) == "middleware" for d in decorators):
            return any(isinstance(n, ast.ExceptHandler) and _catches(n) for n in walk(node))
    return False
