"""The dependencies of a legacy application that hand out sessions, by the shape of what they do around their ``yield``."""

from __future__ import annotations

import ast
import re
from typing import Literal

from alchemove_codemods.analysis.transactions.database_objects import DatabaseObjects
from alchemove_codemods.analysis.transactions.makers import is_session_class
from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.analysis.transactions.openers import legacy_of, shim_entry
from alchemove_codemods.colours.manager_classes import managed
from alchemove_codemods.colours.request_state import RequestStates
from alchemove_codemods.colours.watching import End, Watch, is_text, opened_by, watch
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_DEPENDENCIES = frozenset({"get_db", "get_session"})
"""The names of ``LegacyDatabase`` that FastAPI can depend on: both open a session, yield it and close it."""
_OPTIONS = frozenset(
    {"autoflush", "bind", "enable_baked_queries", "expire_on_commit", "identity_map", "info", "twophase"}
)
"""What SQLAlchemy reads of a session."""
_OF_SHIM: dict[str, End | Literal["opens"]] = {
    **dict.fromkeys(_DEPENDENCIES, "drops"),
    "SessionLocal": "opens",
    "get_db_session": "commits",
}


class Providers:
    """Answers for one program.

    *objects* are those that keep factories and hand out sessions by their methods. *states* tells the sessions that middlewares keep in the state of requests. *errors_reach* says whether an exception of an endpoint gets to the ``yield`` of its dependencies, so that what stands behind it
    does not run: since FastAPI 0.106. *routes_commit* says that the session module has the routes commit its sessions.
    """

    def __init__(
        self,
        program: Program,
        objects: DatabaseObjects,
        states: RequestStates | None = None,
        *,
        errors_reach: bool = True,
        routes_commit: bool = False,
    ) -> None:
        self._program = program
        self._objects = objects
        self._states = states
        self._errors_reach = errors_reach
        self._routes_commit = routes_commit
        self._known: dict[FunctionFacts, End | None] = {}
        self._watches: dict[FunctionFacts, Watch | None] = {}
        self._open: set[FunctionFacts] = set()

    def end(self, provider: FunctionFacts | None) -> End | None:
        """What *provider* does in the end, None if it does more than open a session, hand it out, and close it.

        ``drops``: ``get_db`` or ``get_session`` of the shim, or a generator that opens a session, yields it and closes it.
        ``commits``: one that commits behind its ``yield``, as the session module does.
        """
        if provider is None:
            return None
        if provider not in self._known:
            found = "drops" if self._is_of_shim(provider) else self._plain(provider)
            if found is None and (watched := self.watch(provider)) is not None:
                found = watched.end
            self._known[provider] = found if found != "commits" or self._errors_reach else None
        return self._known[provider]

    def watch(self, provider: FunctionFacts | None) -> Watch | None:
        """What *provider* does of its own around the session, None if nothing or more than can be kept."""
        if provider is None:
            return None
        if provider not in self._watches:
            plain = self._is_of_shim(provider) or self._plain(provider) is not None
            found = None if plain else watch(provider, lambda made: self._only_opens(provider, made))
            # Where the routes commit, the session is closed when the dependency would.
            self._watches[provider] = None if found and found.end == "commits" and self._routes_commit else found
        return self._watches[provider]

    def _only_opens(self, provider: FunctionFacts, made: ast.Call) -> bool:
        return self._opening(provider, made, manager=True) == "opens" and not _begins(made)

    def _is_of_shim(self, provider: FunctionFacts) -> bool:
        return _exported(provider) or (self._states is not None and self._states.session(provider) is not None)

    def _plain(self, provider: FunctionFacts) -> End | None:
        """The shape of *provider* if FastAPI gives it nothing: what it is given may refuse the request (``user: User = Depends(current_user)``)."""
        given = provider.parameters[1:] if provider.is_method else provider.parameters
        return None if given else self._shape(provider)

    def _shape(self, provider: FunctionFacts, *, manager: bool = False) -> End | None:
        """``db = SessionLocal(); try: yield db; finally: db.close()`` and ``with Session(engine) as db: yield db``.

        An ``async def`` does the same with its sync session. *manager* says that the function is one under ``@contextmanager``.
        """
        if not isinstance(provider.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        if [last_name(d) for d in provider.decorators] != (["contextmanager"] if manager else []):
            return None
        body = [n for n in provider.node.body if not is_text(n) and not isinstance(n, ast.Global)]
        body = _without_factory(body)
        if not manager and (made := returned_by(body)) is not None:
            return "drops" if self._makes(provider, made) else None
        match body:
            case [ast.Expr(value=ast.YieldFrom(value=ast.Call(args=[], keywords=[]) as made))]:
                found = self._opening(provider, made, manager=False)
                return None if found == "opens" else found
            case [
                ast.With(
                    items=[ast.withitem(context_expr=ast.Call() as made, optional_vars=ast.Name(id=name))], body=inner
                )
            ]:
                return _nested(self._opening(provider, made, manager=True), made, inner, name)
            case [
                ast.With(
                    items=[
                        ast.withitem(context_expr=ast.Call() as made, optional_vars=ast.Name(id=name)),
                        ast.withitem(
                            context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id=begun), attr="begin"), args=[])
                        ),
                    ],
                    body=inner,
                )
            ] if begun == name and self._opening(provider, made, manager=True) == "opens":
                return _block(inner, name, begun=True)
            case [opening, *set_, ast.Try() as attempt] if (opened := opened_by(opening)) is not None:
                return _attempt(attempt, opened, attempt.body) if self._are_unread(set_, opened) else None
            case [ast.Try() as attempt]:
                match _without_factory(attempt.body):
                    case [opening, *rest] if (opened := opened_by(opening)) is not None:
                        return _attempt(attempt, opened, rest)
            case [
                ast.Assign(targets=[ast.Name(id=before)], value=ast.Constant(value=None)),
                ast.Try(body=[opening, *rest]) as attempt,
            ] if opened_by(opening) == before:
                # ``db`` is None where it could not be opened, and there is nothing to close.
                return _attempt(attempt, before, rest)
        return None

    def _makes(self, provider: FunctionFacts, made: ast.Call) -> bool:
        """Whether *made* gives *provider* a session that nobody else has: not that of a ``scoped_session``, which is one for the thread."""
        if self._opening(provider, made, manager=True) != "opens" or _begins(made):
            return False
        where = origin(self._program, provider, made.func)
        module = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
        if module is None or where is None:
            return is_session_class(provider, made.func) or isinstance(made.func, ast.Attribute)
        made_of = [b.node for b in module.bindings.get(where[1], ()) if not b.checking]
        return all(isinstance(n, ast.Call) and last_name(n.func) != "scoped_session" for n in made_of)

    def _opening(self, provider: FunctionFacts, made: ast.Call, *, manager: bool) -> End | Literal["opens"] | None:
        """What *made* gives to the ``with`` (if *manager*) or ``yield from`` of *provider*: a new session, or one that a function ends itself."""
        match made.func:
            case ast.Attribute(value=ast.Name(id=shim), attr=name) if legacy_of(provider.module, shim) is not None:
                return _of_shim(name, manager=manager)
        if (bound := self._objects.origin(provider, made.func)) is not None:
            method = self._objects.method(bound)
            if method is not None and not made.args and not made.keywords:
                return self._inside(method, manager=manager)
            return "opens" if manager and method is None else None
        where = origin(self._program, provider, made.func)
        module = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
        if where is None or module is None:
            # ``with Unit(SessionLocal()) as db``: what a class of its own does in the end is not known.
            plain = is_session_class(provider, made.func) or not _is_made_of_calls(made)
            return "opens" if manager and plain else None
        return self._global(module, where[1], manager=manager)

    def _global(self, module: ModuleFacts, name: str, *, manager: bool) -> End | Literal["opens"] | None:
        """The same of the global *name* of *module*."""
        if (entry := shim_entry(module, name)) is not None:
            path, _, kept = entry[1].rpartition(":")
            if kept == entry[1]:
                return _of_shim(kept, manager=manager)
            home = self._program.find_module(path, module.path) if path else module.path
            found = self._program.module(home) if home is not None else None
            other = found is not None and (found, kept) != (module, name)
            return self._global(found, kept, manager=manager) if other and found is not None else None
        match [b.node for b in module.bindings.get(name, ()) if not b.checking]:
            case [ast.FunctionDef() as node]:
                return self._inside(module.functions[node], manager=manager)
            case [ast.ClassDef() as node] if manager and (session := managed(module.classes[node])) is not None:
                return session.end
            case [ast.Call(func=maker, args=[ast.Name() as inner], keywords=[])] if (
                last_name(maker) == "contextmanager"
            ):
                where = origin(self._program, module.body, inner)
                within = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
                return self._global(within, where[1], manager=False) if manager and within and where else None
            case [ast.Call()]:
                return "opens" if manager else None
        return None

    def _inside(self, function: FunctionFacts, *, manager: bool) -> End | None:
        # Functions may hand out each other's sessions in circles.
        if function in self._open:
            return None
        self._open.add(function)
        try:
            return self._shape(function, manager=manager)
        finally:
            self._open.discard(function)

    def _are_unread(self, statements: list[ast.stmt], name: str) -> bool:
        """Whether *statements* only give the session *name* attributes that nothing in the program reads."""
        for statement in statements:
            match statement:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id=owner), attr=attribute)], value=ast.Constant()
                ):
                    if owner != name or attribute in _OPTIONS or not self._is_only_assigned(attribute):
                        return False
                case _:
                    return False
        return True

    def _is_only_assigned(self, attribute: str) -> bool:
        """Whether the name *attribute* stands in the program only where something is given an attribute of that name."""
        word = attribute.encode()
        for path in self._program.mentioning(word):
            module = self._program.module(path)
            given = [n for n in module.source.of_kind(ast.Attribute) if n.attr == attribute] if module else []
            if any(not isinstance(n.ctx, ast.Store) for n in given):
                return False
            if len(re.findall(rb"\b%s\b" % re.escape(word), self._program.raw[path])) > len(given):
                return False
        return True


def returned_by(body: list[ast.stmt]) -> ast.Call | None:
    """The call that makes what a function with *body* returns, if it does nothing else but to close that, perhaps.

    ``return SessionLocal()``, and ``db = SessionLocal(); try: return db; finally: db.close()``: a session that is closed goes on to work, with the next
    transaction, and who gets it drops what it has not committed.
    """
    match body:
        case [ast.Return(value=ast.Call() as made)]:
            return made
        case [opening, ast.Return(value=ast.Name(id=name))] if opened_by(opening) == name:
            return _made_by(opening)
        case [
            opening,
            ast.Try(body=[ast.Return(value=ast.Name(id=name))], handlers=[], orelse=[], finalbody=final),
        ] if opened_by(opening) == name and _closes(final, name):
            return _made_by(opening)
        case [
            ast.Try(body=[opening, ast.Return(value=ast.Name(id=name))], handlers=[], orelse=[], finalbody=final)
        ] if opened_by(opening) == name and _closes(final, name):
            return _made_by(opening)
    return None


def _made_by(opening: ast.stmt) -> ast.Call:
    assert isinstance(opening, (ast.Assign, ast.AnnAssign))
    assert isinstance(opening.value, ast.Call)
    return opening.value


def _without_factory(body: list[ast.stmt]) -> list[ast.stmt]:
    """*body* without ``factory = get_factory()`` at its beginning, where that is called once, to open the session.

    It may be made there, too: ``factory = sessionmaker(bind=engine)``.
    """
    match body:
        case [
            ast.Assign(
                targets=[ast.Name(id=factory)],
                value=ast.Call(func=ast.Name() | ast.Attribute() as maker, args=args, keywords=keywords),
            ),
            *rest,
        ] if rest and (not (args or keywords) or last_name(maker) == "sessionmaker"):
            uses = [n for s in rest for n in walk(s) if isinstance(n, ast.Name) and n.id == factory]
            called = [n for s in rest for n in walk(s) if isinstance(n, ast.Call) and n.func in uses]
            return rest if len(uses) == len(called) == 1 else body
    return body


def _exported(provider: FunctionFacts) -> bool:
    module = provider.module
    if b".export(" not in module.source.raw or provider.outer is not None or provider.owner is not None:
        return False
    for node in module.source.of_kind(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="export"), args=[ast.Name(id="__name__")], keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == provider.name:
                        return _legacy_name(keyword) in _DEPENDENCIES
    return False


def _legacy_name(keyword: ast.keyword) -> str | None:
    match keyword.value:
        case ast.Constant(value=str()):
            return keyword.arg
        case ast.Tuple(elts=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Tuple(elts=[ast.Attribute(attr=name), *_]):
            return name
    return None


def _begins(made: ast.Call) -> bool:
    """Whether *made* opens a session with a transaction that its end commits: ``SessionLocal.begin()``."""
    return isinstance(made.func, ast.Attribute) and made.func.attr == "begin"


def _of_shim(name: str, *, manager: bool) -> End | Literal["opens"] | None:
    """What ``LegacyDatabase`` gives under *name*."""
    return _OF_SHIM.get(name) if manager is (name not in _DEPENDENCIES) else None


def _is_made_of_calls(made: ast.Call) -> bool:
    return any(isinstance(n, ast.Call) for a in (*made.args, *(k.value for k in made.keywords)) for n in walk(a))


def _nested(opening: End | Literal["opens"] | None, made: ast.Call, body: list[ast.stmt], name: str) -> End | None:
    """What the body of ``with`` does together with what the *opening* does behind it."""
    if opening == "opens":
        return _block(body, name, begun=_begins(made))
    found = _block(body, name, begun=False)
    if opening is None or found is None:
        return None
    return "commits" if "commits" in (opening, found) else "drops"


def _block(body: list[ast.stmt], name: str, *, begun: bool) -> End | None:
    """What the body of ``with`` does, which closes the session."""
    match body:
        case [
            ast.With(
                items=[ast.withitem(context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr="begin")))]
            ) as inner
        ]:
            return _block(inner.body, name, begun=True) if held == name and not begun else None
        case [ast.Try() as attempt] if not attempt.finalbody or (not begun and _closes(attempt.finalbody, name)):
            found = _tried(attempt, name, attempt.body)
        case _:
            found = _yields(body, name)
    if begun:
        return "commits" if found == "drops" else None
    return found


def _attempt(node: ast.Try, name: str, body: list[ast.stmt]) -> End | None:
    return _tried(node, name, body) if _closes(node.finalbody, name) else None


def _tried(node: ast.Try, name: str, body: list[ast.stmt]) -> End | None:
    """``yield``, perhaps with a commit behind it (or in ``else``), where exceptions roll back or go on."""
    if not all(_rolls_back(h, name) for h in node.handlers):
        return None
    if node.orelse:
        return "commits" if _yields(body, name) == "drops" and _commits(node.orelse, name) else None
    return _yields(body, name)


def _yields(body: list[ast.stmt], name: str) -> End | None:
    match body:
        case [ast.Expr(value=ast.Yield(value=ast.Name(id=found))), *behind] if found == name:
            if not behind:
                return "drops"
            return "commits" if _commits(behind, name) else None
    return None


def _commits(body: list[ast.stmt], name: str) -> bool:
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="commit"), args=[]))]:
            return found == name
    return False


def _rolls_back(handler: ast.ExceptHandler, name: str) -> bool:
    """Whether *handler* does nothing but roll back, if that, and raise again what it caught."""
    match handler.body:
        case [*before, ast.Raise(exc=raised, cause=None)]:
            again = raised is None or (isinstance(raised, ast.Name) and raised.id == handler.name)
            return again and all(_is_rollback(s, name) for s in before)
    return False


def _is_rollback(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="rollback"), args=[])):
            return found == name
    return False


def _takes_back(statement: ast.stmt, name: str) -> bool:
    """Whether *statement* only rolls back, perhaps without a word about errors of that."""
    match statement:
        case ast.Try(body=[inner], handlers=handlers, orelse=[], finalbody=[]):
            return _is_rollback(inner, name) and all(isinstance(s, ast.Pass) for h in handlers for s in h.body)
    return _is_rollback(statement, name)


def _closes(body: list[ast.stmt], name: str) -> bool:
    """Whether *body* does nothing but close the session, perhaps after asking whether there is one, and after a rollback."""
    match body:
        case [before, _, *_] if _takes_back(before, name):
            # What is closed was rolled back.
            return _closes(body[1:], name)
        case [ast.If(test=ast.Name(id=asked), body=inner, orelse=[])] if asked == name:
            return _closes(inner, name)
        case [
            ast.If(
                test=ast.Compare(left=ast.Name(id=asked), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]),
                body=inner,
                orelse=[],
            )
        ] if asked == name:
            return _closes(inner, name)
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="close"), args=[]))]:
            return found == name
    return False
