"""What in a function holds a session, or objects that belong to one: followed by name through the whole of its body."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum

from alchemove_codemods.analysis.transactions.models import Columns
from alchemove_codemods.analysis.transactions.selects import gives_values
from alchemove_codemods.analysis.transactions.vocabulary import (
    CONTAINERS,
    LIST_ENDINGS,
    SCALAR_FUNCTIONS,
    SCALAR_METHODS,
)
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, stored_names
from alchemove_codemods.trees import children
from alchemove_codemods.values import (
    NOTHING,
    Class,
    Dict,
    Instance,
    Mixed,
    Plain,
    Query,
    Result,
    Row,
    Session,
    Sql,
    Text,
    Value,
    parts,
)

Kept = Mapping[ast.AST, Value]
_TAKING = frozenset({"append", "add", "extend", "insert", "update", "setdefault"})


class Level(IntEnum):
    """How an expression is tied to the session."""

    FREE = 0
    OBJECT = 1
    """It may be, or hold, what the session gave: objects, rows, results."""
    HOLDER = 2
    """It may be the session, or hold it: a repository."""


class Reach:
    """The names of *body* by level, starting from *known*.

    ``sessions`` are the names that hold the session itself, ``variables`` all names of the function's own scope, ``handed`` those whose objects the
    session was given, ``filled`` those that something was put into, ``taking`` those of containers from elsewhere that take objects; ``gives`` says what
    a call of a function of the program gives, None where that is not known, ``loaded`` whether it gives objects that are loaded, None likewise; ``outside`` is what names are assigned before.
    """

    def __init__(
        self,
        body: list[ast.stmt],
        known: Mapping[str, Level],
        sessions: Iterable[str],
        variables: Iterable[str],
        kept: Kept,
        columns: Columns,
        gives: Callable[[ast.Call | ast.Attribute], Level | None],
        loaded: Callable[[ast.Call], bool | None],
        outside: Mapping[str, list[ast.expr]],
    ) -> None:
        self.kept = kept
        self.columns = columns
        self.gives = gives
        self.loaded = loaded
        self.levels: dict[str, Level] = dict(known)
        self.sessions = frozenset(sessions)
        self.variables = frozenset(variables)
        self.comprehended = frozenset(
            name
            for s in body
            for n in ast.walk(s)
            if isinstance(n, ast.comprehension)
            for name in stored_names(n.target)
        )
        self.local = _local_containers(body)
        self.handed: set[str] = set()
        self.filled: set[str] = set()
        self.taking: set[str] = set()
        self._memo: dict[ast.expr, Level] = {}
        nodes = [n for statement in body for n in _own(statement)]
        self.bound = _bound(nodes)
        self.statements = {**outside, **self.bound}
        for _ in range(10):
            before = dict(self.levels)
            for node in nodes:
                self._bind(node)
            if before == self.levels:
                break

    # names ---------------------------------------------------------------------------------------------------------

    def raise_to(self, name: str, level: Level) -> None:
        """*name* holds something of *level* from now on."""
        if level > self.levels.get(name, Level.FREE):
            self.levels[name] = level
            self._memo.clear()

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._store(target, self.level(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                self._store(target, self.level(value))
            case ast.NamedExpr(target=target, value=value):
                self._store(target, self.level(value))
            case (
                ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ):
                self._store(target, self.level(value))
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self._store(target, self.level(value))
            case ast.Call(func=ast.Attribute(value=receiver), args=args, keywords=keywords):
                given = [self.level(a) for a in args] + [self.level(k.value) for k in keywords]
                if self.is_session(receiver):
                    # What is handed to a session belongs to it from then on.
                    if receiver_method(node) in ("add", "add_all", "delete", "merge", "refresh", "expunge"):
                        self.handed.update(a.id for a in args if isinstance(a, ast.Name))
                        for argument in args:
                            self._contaminate(argument, Level.OBJECT)
                elif isinstance(receiver, ast.Name) and given and max(given):
                    if receiver.id in self.local:
                        self.filled.add(receiver.id)
                        self.raise_to(receiver.id, max(given))
                    elif receiver_method(node) in _TAKING:
                        self.taking.add(receiver.id)

    def _store(self, target: ast.expr, level: Level) -> None:
        if not level:
            return
        for name in stored_names(target):
            self.raise_to(name, level)
        root = target
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        if root is not target and isinstance(root, ast.Name):
            self.filled.add(root.id)
            self.raise_to(root.id, level)

    def _contaminate(self, node: ast.expr, level: Level) -> None:
        """The variables in *node*, but for those that are the values of columns, hold objects of the session from now on."""
        match node:
            case ast.Name(id=name):
                if name in self.variables and not _no_objects(self.kept.get(node)):
                    self.raise_to(name, level)
            case ast.Call(args=args, keywords=keywords):
                for argument in args:
                    self._contaminate(argument, level)
                for keyword in keywords:
                    if not self.columns.takes_value(self.kept.get(node), keyword.arg):
                        self._contaminate(keyword.value, level)
            case ast.expr() if not self.cut(node):
                for child in children(node):
                    if isinstance(child, ast.expr):
                        self._contaminate(child, level)

    # levels of expressions -----------------------------------------------------------------------------------------

    def level(self, node: ast.expr) -> Level:
        """The level of *node*."""
        if node not in self._memo:
            self._memo[node] = self._level(node)
        return self._memo[node]

    def _level(self, node: ast.expr) -> Level:
        if self.cut(node):
            return Level.FREE
        match node:
            case ast.Name(id=name):
                return self.levels.get(name, Level.FREE)
            case ast.Attribute(value=base, attr=attr):
                level = self._below(self.level(base), node)
                if level and not self.is_session(base) and self.columns.apart(attr):
                    return Level.FREE
                given = self.gives(node) if level and not self.is_session(base) else None
                return level if given is None else min(given, level)
            case ast.Call():
                return self._called(node)
            case ast.Lambda(body=body):
                names = [n.id for n in ast.walk(body) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
                own = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
                return max((self.levels.get(n, Level.FREE) for n in names if n not in own), default=Level.FREE)
            case ast.IfExp(body=body, orelse=orelse):
                return max(self.level(body), self.level(orelse))
            case ast.Dict(values=values):
                return max((self.level(v) for v in values), default=Level.FREE)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                lazy = isinstance(node, ast.GeneratorExp) and any(self.level(g.iter) for g in node.generators)
                return max(self.level(element), Level.OBJECT if lazy else Level.FREE)
            case ast.DictComp(key=key, value=value):
                return max(self.level(key), self.level(value))
        return max((self.level(c) for c in children(node) if isinstance(c, ast.expr)), default=Level.FREE)

    def _below(self, level: Level, node: ast.expr) -> Level:
        """What is taken from something of *level*: no more than an object where the value is known to be one."""
        return Level.OBJECT if level is Level.HOLDER and object_like(self.kept.get(node)) else level

    def _called(self, node: ast.Call) -> Level:
        function = node.func
        if isinstance(function, ast.Attribute) and self.is_session(function.value):
            return Level.OBJECT
        receiver = self.level(function.value) if isinstance(function, ast.Attribute) else Level.FREE
        given = [self.level(a) for a in node.args] + [self.level(k.value) for k in node.keywords]
        level = max([receiver, *given])
        if not level:
            return level
        known = self.gives(node)
        if known is not None:
            return min(known, self._below(level, node))
        return self._below(level, node)

    def roots(self, node: ast.expr, level: Level) -> set[str]:
        """The variables in *node* that have at least *level*."""
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and self.levels.get(n.id, Level.FREE) >= level}

    def is_session(self, node: ast.expr) -> bool:
        """Whether *node* is a session itself."""
        if isinstance(node, ast.Name) and node.id in self.sessions:
            return True
        value = self.kept.get(node)
        return (
            self.level(node) is Level.HOLDER and value is not None and all(isinstance(v, Session) for v in parts(value))
        )

    # what is no object any more ------------------------------------------------------------------------------------

    def cut(self, node: ast.expr) -> bool:
        """Whether *node* is a plain value whatever it was made of."""
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return True
            case ast.BinOp(left=ast.Constant(value=str())):
                return True
            case ast.BinOp(left=left, right=right):
                return all(self.cut(n) or not self.level(n) for n in (left, right))
            case ast.BoolOp(values=values):
                return all(self.cut(v) or not self.level(v) for v in values)
            case ast.Attribute(value=base, attr=attr):
                return attr in ("rowcount", "lastrowid", "__name__") or (
                    self.level(base) is not Level.FREE
                    and not self.is_session(base)
                    and self.columns.plain(node, self.kept.get(base))
                )
            case ast.Call(func=function):
                return self._cut_call(node, function)
        return values_only(self.kept.get(node))

    def _cut_call(self, node: ast.Call, function: ast.expr) -> bool:
        name = last_name(function)
        match function:
            case ast.Name():
                return name in SCALAR_FUNCTIONS
            case ast.Attribute(value=base, attr="update" | "delete"):
                return isinstance(self.kept.get(base), Query) or is_query(base)
            case ast.Attribute(attr=attr):
                return attr in SCALAR_METHODS or gives_values(node, self)
        return False


def is_query(node: ast.expr) -> bool:
    """Whether *node* is a chain on ``session.query()``, or what its last method gives."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "query":
            return True
        node = node.func.value
    return False


def receiver_method(node: ast.AST) -> str:
    """The name of the method that the call *node* calls."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def object_like(value: Value | None) -> bool:
    """Whether *value* is known to be no session, and nothing that keeps one for its work."""
    if value is None:
        return False
    found = list(parts(value)) if isinstance(value, Mixed) else [value]
    return all(isinstance(v, (Query, Row, Result, Dict, Text, Sql, Plain)) or v == NOTHING or _stored(v) for v in found)


def _no_objects(value: Value | None) -> bool:
    """Whether *value* is a plain one, and no list of objects."""
    match value:
        case Plain(of=None, parts=None):
            return True
        case Plain(of=of, parts=pieces):
            return all(_no_objects(v) for v in ([of] if pieces is None and of is not None else pieces or ()))
    return False


def values_only(value: Value | None) -> bool:
    """Whether *value* is known to be text, a class, or rows of columns: nothing in it belongs to a session."""
    match value:
        case None:
            return False
        case Text() | Class():
            return True
        case Row(elements=elements):
            return elements is not None and all(e.kind == "column" and not e.starred for e in elements)
        case Plain(of=of):
            return of is not None and values_only(of)
        case Mixed(values=several):
            some = [v for v in several if v != NOTHING]
            return bool(some) and all(values_only(v) for v in some)
    return False


def _stored(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, ClassFacts) and value.stored


def _local_containers(body: list[ast.stmt]) -> set[str]:
    """The names that are only ever bound to containers made here: changing those changes no object."""
    made: set[str] = set()
    other: set[str] = set()
    for node in (n for statement in body for n in _own(statement)):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                (made if _makes_container(value) else other).add(name)
            case ast.For(target=target) | ast.comprehension(target=target):
                other.update(stored_names(target))
            case ast.withitem(optional_vars=ast.expr() as target):
                other.update(stored_names(target))
    return made - other


def _bound(nodes: list[ast.AST]) -> dict[str, list[ast.expr]]:
    """What each name is assigned; names that are bound in any other way are left out."""
    found: dict[str, list[ast.expr]] = {}
    other: set[str] = set()
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.setdefault(name, []).append(value)
            case ast.Name(id=name, ctx=ast.Store()):
                other.add(name)
    stores = Counter(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return {name: values for name, values in found.items() if name not in other or stores[name] == len(values)}


def named_outside(function: FunctionFacts, body: list[ast.stmt]) -> dict[str, list[ast.expr]]:
    """What the names that *body* does not bind itself are assigned in *function*; parameters are left out."""
    whole = getattr(function.node, "body", [])
    if whole is body:
        return {}
    own = {n.id for s in body for n in _own(s) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own.update(a.arg for a in function.parameters)
    found = _bound([n for s in whole for n in _own(s)])
    return {name: values for name, values in found.items() if name not in own}


def _makes_container(node: ast.expr) -> bool:
    match node:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp() | ast.Tuple():
            return True
        case ast.Call(func=function):
            return last_name(function) in CONTAINERS | LIST_ENDINGS
    return False


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """*node* and what is below it, without the bodies of functions and classes defined there."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return
    for child in children(node):
        yield from _own(child)
