"""Sessions that a middleware opens for each request and keeps in ``request.state``, from where a dependency hands them out.

The older tutorials of FastAPI have it ("alternative DB session with middleware")::

    @app.middleware("http")
    async def db_session_middleware(request: Request, call_next):
        request.state.db = SessionLocal()
        response = await call_next(request)
        request.state.db.close()
        return response


    def get_db(request: Request):
        return request.state.db

Such a ``get_db`` is a dependency that opens a session, hands it out and closes it, as long as nothing else in the program gets at
that attribute, and the middleware does nothing with the session but open it before the request is answered and close it behind that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_ENDING = frozenset({"close", "rollback"})
_REQUESTS = frozenset({"request", "req", "websocket", "connection", "conn", "_request"})
_ASKING = frozenset({"getattr", "hasattr", "setattr", "delattr"})


@dataclass(frozen=True, slots=True, eq=False)
class KeptSession:
    """The session that ``middleware`` opens by ``call`` for each request."""

    middleware: FunctionFacts
    call: ast.Call


class RequestStates:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[str, KeptSession | None] = {}

    def session(self, provider: FunctionFacts) -> KeptSession | None:
        """The session of a middleware that *provider* hands out, None if it is none, or not that alone."""
        name = _handed_out(provider)
        if name is None:
            return None
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name] if self._is_only_injected(provider) else None

    def _found(self, name: str) -> KeptSession | None:
        """The one middleware that keeps a session as *name* of the request's state; None where something else gets at it."""
        others: dict[FunctionFacts, None] = {}
        for path in self._program.mentioning(b"state"):
            module = self._program.module(path)
            if module is None:
                return None
            if any(_is_of_scope(s) for s in module.source.of_kind(ast.Subscript)):
                return None
            for node in module.source.of_kind(ast.Attribute):
                if node.attr == "state" and _escapes(module, node, name):
                    return None
                if node.attr == name and isinstance(node.value, ast.Attribute) and node.value.attr == "state":
                    function = function_around(module, node)
                    if _handed_out(function) != name:
                        others[function] = None
        return _middleware(next(iter(others)), name) if len(others) == 1 else None

    def _is_only_injected(self, provider: FunctionFacts) -> bool:
        """Whether nothing calls *provider* but FastAPI."""
        for path in self._program.naming(provider.name):
            module = self._program.module(path)
            if module is None:
                return False
            parents = module.source.parents
            for node in (*module.source.of_kind(ast.Name), *module.source.of_kind(ast.Attribute)):
                if last_name(node) != provider.name:
                    continue
                match parents.get(node):
                    case ast.Call(func=function) as call if function is not node and injecting(call) is not None:
                        pass
                    case ast.Subscript(value=ast.Attribute(attr="dependency_overrides")):
                        pass
                    case _:
                        return False
        return True


def unread(colours: Colours) -> list[KeptSession]:
    """Once all is decided: the sessions that middlewares still open, and that nobody is given any more."""
    found: dict[KeptSession, bool] = {}
    for holder, injections in colours.injections.items():
        for provider in {i.provider for i in injections if i.provider is not None}:
            if (kept := colours.states.session(provider)) is not None:
                found[kept] = found.get(kept, True) and holder in colours.asynchronous
    return [kept for kept, free in found.items() if free]


def _handed_out(function: FunctionFacts) -> str | None:
    """The attribute of the request's state that *function* returns, if it does nothing else."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.decorators:
        return None
    if function.owner is not None or len(function.parameters) != 1:
        return None
    body = [s for s in function.node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    match body:
        case [
            ast.Return(value=ast.Attribute(value=ast.Attribute(value=ast.Name(id=request), attr="state"), attr=name))
        ]:
            return name if request == function.parameters[0].arg else None
    return None


def _escapes(module: ModuleFacts, node: ast.Attribute, name: str) -> bool:
    """Whether the state of a request, *node*, is used in a way by which something may get at its attribute *name*."""
    if not isinstance(node.value, ast.Name):
        # ``request.app.state`` is another one, of the application; nobody asks it for what a request keeps.
        return False
    match module.source.parents.get(node):
        case ast.Attribute(attr=attr):
            return attr.startswith("_")
        case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(asked)), *_]) if function in _ASKING:
            return asked == name
    return node.value.id in _REQUESTS or _is_request(module, node, node.value.id)


def _is_request(module: ModuleFacts, node: ast.AST, name: str) -> bool:
    function = function_around(module, node)
    said = next((p.annotation for p in function.parameters if p.arg == name), None)
    return said is not None and last_name(said) in ("Request", "WebSocket", "HTTPConnection")


def _middleware(function: FunctionFacts, name: str) -> KeptSession | None:
    """*function* as a middleware that opens what it keeps as *name*, and ends it behind the request."""
    if not isinstance(function.node, ast.AsyncFunctionDef) or not _is_middleware(function):
        return None
    request, call_next = (p.arg for p in function.parameters[-2:])
    nodes = walk(function.node)
    calls = [n for n in nodes if isinstance(n, ast.Name) and n.id == call_next and isinstance(n.ctx, ast.Load)]
    kept = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr == name and _is_state(n.value, request)]
    stored = [n for n in kept if isinstance(n.ctx, ast.Store)]
    parents = function.module.source.parents
    if len(calls) != 1 or len(stored) != 1 or any(isinstance(n, (ast.For, ast.AsyncFor, ast.While)) for n in nodes):
        return None
    if function_around(function.module, calls[0]) is not function:
        return None
    answered = calls[0].lineno
    match parents.get(stored[0]):
        case ast.Assign(targets=[_], value=ast.Call() as call):
            opened, variable = call, None
        case ast.Assign(targets=[_], value=ast.Name(id=variable)):
            made = list(_made(nodes, variable))
            if len(made) != 1:
                return None
            opened = made[0]
        case _:
            return None
    used: list[ast.AST] = [n for n in kept if n is not stored[0]]
    used += [n for n in nodes if isinstance(n, ast.Name) and n.id == variable and isinstance(n.ctx, ast.Load)]
    assigned = parents[stored[0]]
    behind = all(_ends(parents, n, answered) for n in used if parents.get(n) is not assigned)
    before = opened.lineno <= stored[0].lineno < answered
    return KeptSession(function, opened) if before and behind else None


def _is_middleware(function: FunctionFacts) -> bool:
    """``@app.middleware("http")``, or ``dispatch`` of a ``BaseHTTPMiddleware``."""
    if function.owner is not None:
        bases = {last_name(base) for base in function.owner.node.bases}
        return function.name == "dispatch" and "BaseHTTPMiddleware" in bases and len(function.parameters) == 3
    match function.decorators:
        case [ast.Call(func=ast.Attribute(attr="middleware"), args=[ast.Constant(value="http")])]:
            return len(function.parameters) == 2
    return False


def _is_state(node: ast.expr, request: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="state"):
            return name == request
    return False


def _made(nodes: list[ast.AST], variable: str) -> Iterator[ast.Call]:
    """The calls whose result *variable* is; more than one where it is bound in other ways."""
    bound = [n for n in nodes if isinstance(n, ast.Name) and n.id == variable and not isinstance(n.ctx, ast.Load)]
    for node in nodes if len(bound) == 1 else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if name == variable:
                yield call
            case ast.With(items=[ast.withitem(context_expr=ast.Call() as call, optional_vars=ast.Name(id=name))]) if (
                name == variable
            ):
                yield call


def _ends(parents: dict[ast.AST, ast.AST], node: ast.AST, answered: int) -> bool:
    """Whether *node*, the session, is only closed or rolled back there, behind the answer in line *answered*."""
    method = parents.get(node)
    call = parents.get(method) if method is not None else None
    return (
        isinstance(method, ast.Attribute)
        and method.attr in _ENDING
        and isinstance(call, ast.Call)
        and call.func is method
        and call.lineno > answered
    )


def _is_of_scope(node: ast.Subscript) -> bool:
    """Whether *node* is the state in another way: ``request.scope["state"]``."""
    return (
        isinstance(node.slice, ast.Constant)
        and node.slice.value == "state"
        and "scope" in (last_name(node.value) or "")
    )
