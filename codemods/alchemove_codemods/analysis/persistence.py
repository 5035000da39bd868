"""Which objects are in a session by now, so that their dynamic relationships ask the database.

What a dynamic relationship gives when it is gone through, counted or asked for an item was measured on SQLAlchemy 2.0 and 2.1: that of an object
in a session is a query, after the flush that makes a pending one persistent where the session flushes by itself. That of an object
in no session (never added, rolled back, expunged, deleted and committed, of a session that was closed) is what was appended to it, without any SQL,
and so it is for a pending one in a session that does not flush. An object of the program's own making counts as kept from
``add()``, ``flush()`` or ``commit()`` on, on every path, until something is called that may take it out again (``undoing``).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import expressions, queries, saving, undoing
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.frozen import replace
from alchemove_codemods.in_session import ADDED, COMMITTED, ELSEWHERE, FLUSHED, InSession, Undone
from alchemove_codemods.joining import join
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, Class, Dict, Instance, Mixed, Plain, Session, Unknown, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_CLOSING = frozenset({"close", "close_all", "remove", "reset", "invalidate", "expunge_all"})
_OF_SESSIONS = frozenset({"add", "add_all", "flush", "commit", "refresh", "rollback", "expunge", "delete", *_CLOSING})


class Dynamic:
    """The dynamic relationships of a program: the ``names`` of all of them, and which classes have one."""

    def __init__(self, knowledge: Knowledge, names: Iterable[str], classes: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.flushing = not knowledge.program.mentioning(b"autoflush")
        """Whether every session of the program flushes what is pending before it asks the database."""
        self.saving: dict[tuple[FunctionFacts, frozenset[tuple[str, Value]]], dict[str, InSession]] = {}
        """What ``saving`` has found out."""
        self.undone: dict[FunctionFacts, Undone] = {}
        self.calling: dict[FunctionFacts, tuple[Undone, tuple[FunctionFacts, ...]]] = {}
        """What ``undoing`` has found out."""
        self._models = knowledge.models
        self._having: dict[ClassFacts, bool] = {}
        self._classes = frozenset(classes)

    def named_in(self, text: str) -> bool:
        """Whether a function with this *text* may make or hand on an object with dynamic relationships."""
        return any(name in text for name in self._classes)

    def concerns(self, cls: ClassFacts | str) -> bool:
        """Whether objects of *cls* have a dynamic relationship."""
        if isinstance(cls, str):
            return False
        if cls not in self._having:
            found = [self._models.attribute(cls, name) for name in self.names] if self._models.is_mapped(cls) else []
            self._having[cls] = any(a is not None and a.lazy == "dynamic" for a in found)
        return self._having[cls]

    def is_open(self, value: Value) -> bool:
        """Whether *value* is, or holds, an object that is not known to be in a session."""
        match value:
            case Instance(cls=cls, stored=False, in_session=None):
                return self.concerns(cls)
            case Mixed(values=values):
                return any(self.is_open(v) for v in values)
            case Plain(of=of, parts=pieces):
                return any(self.is_open(v) for v in (of, *(pieces or ())) if v is not None)
        return False

    def is_held(self, value: Value) -> bool:
        """Whether *value* is, or holds, an object with dynamic relationships."""
        match value:
            case Instance(cls=cls):
                return self.concerns(cls)
            case Dict(of=of):
                return self.is_held(of)
            case Mixed(values=values):
                return any(map(self.is_held, values))
            case Plain(of=of, parts=pieces):
                return any(self.is_held(v) for v in (of, *(pieces or ())) if v is not None)
        return False

    def raised(self, value: Value, reached: InSession) -> Value:
        """*value* after all objects that it is, or holds, have come as far as *reached*."""
        match value:
            case Instance(cls=cls, stored=False, in_session=before):
                further = self.concerns(cls) and (before is None or before.level < reached.level)
                return replace(value, in_session=reached) if further else value
            case Mixed() | Plain():
                return _each(value, lambda inner: self.raised(inner, reached))
        return value


def settle(knowledge: Knowledge) -> None:
    """Look once more at functions that give objects: what they run these through may not have been known at first."""
    if knowledge.dynamic is not None:
        knowledge.dynamic.saving.clear()
        knowledge.dynamic.undone.clear()
        knowledge.reconsider(knowledge.dynamic.is_open)
        knowledge.solve()


def is_kept(frame: Frame, owner: Instance) -> bool:
    """Whether the dynamic relationships of *owner* are queries: it was loaded, or is persistent as soon as somebody asks."""
    dynamic = frame.knowledge.dynamic
    if owner.stored or owner.in_session is None or dynamic is None:
        return owner.stored
    return owner.in_session.level >= (ADDED if dynamic.flushing else FLUSHED)


def is_same_object(frame: Frame, announced: Value, given: Value) -> bool:
    """Whether *given* is what *announced* says it is, an object with dynamic relationships, and says more of it."""
    dynamic = frame.knowledge.dynamic
    match announced, given:
        case Instance(cls=ClassFacts() as cls, stored=False), Instance(cls=ClassFacts() as other):
            same = other is cls or cls in frame.knowledge.models.ancestors(other)
            return same and dynamic is not None and dynamic.concerns(cls)
    return False


def lowered(value: Value, undone: Undone, only: Collection[object] | None = None) -> Value:
    """*value* where so much is *undone* of each object that it is or holds; of *only* these classes where they are given."""

    def change(owner: Instance) -> Instance:
        if only is not None and owner.cls not in only:
            return owner
        if owner.in_session is not None:
            return _with(owner, owner.in_session.after(undone))
        left = undone is Undone.SESSION and owner.stored and isinstance(owner.cls, ClassFacts)
        return replace(owner, stored=False) if left else owner

    return _changed(value, change)


def _changed(value: Value, change: Callable[[Instance], Instance]) -> Value:
    """*value* with *change* made to each object that it is or holds."""
    match value:
        case Instance():
            return change(value)
        case Dict(of=of):
            inner = _changed(of, change)
            return value if inner is of else Dict(inner)
        case Mixed() | Plain():
            return _each(value, lambda inner: _changed(inner, change))
    return value


def _with(value: Instance, reached: InSession | None) -> Instance:
    return value if reached == value.in_session else replace(value, in_session=reached)


def _each(value: Mixed | Plain, function: Callable[[Value], Value]) -> Value:
    match value:
        case Plain(of=of, parts=pieces):
            inner = function(of) if of is not None else None
            new = tuple(map(function, pieces)) if pieces is not None else None
            return value if inner is of and new == pieces else replace(value, of=inner, parts=new)
        case Mixed(values=values):
            changed: dict[Value, Value] = {v: function(v) for v in values if isinstance(v, (Instance, Plain, Dict))}
            if all(new is old for old, new in changed.items()):
                return value
            joined: Value = BOTTOM
            for inner in values:
                joined = join(joined, changed.get(inner, inner))
            return joined


def after_call(frame: Frame, node: ast.Call) -> None:
    """*node* was called: objects may be in a session from now on, or may be in none any more."""
    dynamic, function = frame.knowledge.dynamic, node.func
    name = last_name(function)
    if dynamic is None or frame.env is None or name is None:
        return
    if isinstance(function, ast.Attribute) and name in _OF_SESSIONS:
        home = _session(frame, dynamic, function.value)
        if home is not None:
            _step(frame, dynamic, node, name, home)
            return
    if not any(dynamic.is_held(value) for scope in (frame.env, *frame.scopes) for value in scope.values()):
        return
    callee = frame.knowledge.calls.get(function)
    undone = undoing.of_call(frame, dynamic, node, name, callee)
    if undone:
        undo(frame, undone)
        if undone > Undone.UNCOMMITTED:
            _forget_class(frame, [*node.args, *(k.value for k in node.keywords), function])
    if callee is not None:
        for expression, reached in saving.of_call(frame, dynamic, node, callee):
            _raise(frame, dynamic, expression, reached)


def made(frame: Frame, node: ast.Call, value: Value) -> Value:
    """*value*, which the call *node* gives, after its constructor: that may have put the new object into a session."""
    dynamic = frame.knowledge.dynamic
    if dynamic is None or not isinstance(value, Instance) or value.in_session is not None or not dynamic.is_open(value):
        return value
    constructor = frame.knowledge.method(value.cls, "__init__") if isinstance(value.cls, ClassFacts) else None
    called = expressions.evaluate(frame, node.func)
    if constructor is None or not isinstance(called, Class) or called.some:
        return value
    return _with(value, saving.of_constructor(frame, dynamic, value, constructor))


def undo(frame: Frame, undone: Undone) -> None:
    """So much is *undone* of everything that the function has a name for."""
    for scope in (frame.env or {}, *frame.scopes):
        for name, value in scope.items():
            scope[name] = lowered(value, undone)


def out_of_sight(frame: Frame, value: Value) -> Value:
    """*value* where what is done to its objects is not seen: in an attribute, or a variable of another function."""
    dynamic = frame.knowledge.dynamic
    if dynamic is None or lowered(value, Undone.SESSION) is value:
        return value
    around: FunctionFacts | None = frame.function
    while around is not None and not isinstance(around.node, ast.Module):
        if undoing.of_function(frame.knowledge, dynamic, around) > Undone.UNCOMMITTED:
            return lowered(value, Undone.SESSION)
        around = around.outer
    return lowered(value, Undone.ALL)


def items_in_turn(frame: Frame, loop: ast.AST, items: Value) -> Callable[[], Value]:
    """Gives one of *items* in each round of *loop*: what happens to them in a round counts for the next ones."""
    if frame.knowledge.dynamic is None or frame.env is None or lowered(items, Undone.SESSION) is items:
        return lambda: items
    name = f"for {id(loop)}"  # no variable can be called that
    frame.env[name] = items
    return lambda: (frame.env or {}).get(name, items)


def home_of(frame: Frame, node: ast.expr, value: Value) -> tuple[str, str] | None:
    """What identifies the session *node*; None if it cannot be written twice."""
    if not any(isinstance(part, Session) and part.flavour != "async" for part in parts(value)):
        return None
    held = frame.held(node, value)
    return held.home if held is not None else None


def _session(frame: Frame, dynamic: Dynamic, node: ast.expr) -> tuple[str, str] | None:
    if isinstance(node, ast.Attribute) and node.attr in dynamic.names:
        return None
    if stable_text(node) is None and not (isinstance(node, ast.Call) and not node.args):
        return None
    value = expressions.evaluate(frame, node)
    if all(isinstance(part, Unknown) for part in parts(value)):
        # What a mapped class is asked of elsewhere is a session here as well.
        value = queries.proved_elsewhere(frame, node) or value
    return home_of(frame, node, value)


def _step(frame: Frame, dynamic: Dynamic, node: ast.Call, name: str, home: tuple[str, str]) -> None:
    match name:
        case "add" | "refresh" if node.args:
            _raise(frame, dynamic, node.args[0], InSession(ADDED if name == "add" else FLUSHED, home))
        case "add_all" if node.args:
            items = node.args[0]
            for item in items.elts if isinstance(items, (ast.List, ast.Tuple, ast.Set)) else [items]:
                _raise(frame, dynamic, item, InSession(ADDED, home))
        case "flush" | "commit":
            _written(frame, InSession(FLUSHED if name == "flush" else COMMITTED, home))
        case "rollback":
            undo(frame, Undone.UNCOMMITTED)
        case "expunge" | "delete":
            undo(frame, Undone.ALL)
            _forget_class(frame, node.args)
        case _ if name in _CLOSING:
            undo(frame, Undone.SESSION)


def _written(frame: Frame, reached: InSession) -> None:
    """The objects of the session in *reached* have all come as far."""

    def change(owner: Instance) -> Instance:
        before = owner.in_session
        further = before is not None and before.home == reached.home and before.level < reached.level
        return replace(owner, in_session=reached) if further else owner

    for scope in (frame.env or {}, *frame.scopes):
        for name, value in scope.items():
            scope[name] = _changed(value, change)


def _raise(frame: Frame, dynamic: Dynamic, node: ast.expr, reached: InSession) -> None:
    """The object that *node* names has come as far as *reached*."""
    if isinstance(node, ast.NamedExpr):
        node = node.target
    if isinstance(node, ast.Starred):
        node = node.value
    if not isinstance(node, ast.Name) or any(node.id in scope for scope in frame.scopes):
        return
    value = frame.env.get(node.id) if frame.env is not None else None
    if value is not None and frame.env is not None:
        frame.env[node.id] = dynamic.raised(value, reached)


def _forget_class(frame: Frame, nodes: list[ast.expr]) -> None:
    """What was loaded may be one of the objects that are taken out of the session, if it is of the class of one of *nodes*."""
    names = [n for node in nodes for n in walk(node) if isinstance(n, ast.Name)]
    taken = {v.cls for name in names for v in parts(frame.lookup(name.id)) if isinstance(v, Instance)}
    for name, value in (frame.env or {}).items() if taken else ():
        if frame.env is not None:
            frame.env[name] = lowered(value, Undone.SESSION, taken)


def handed_out(frame: Frame, node: ast.expr, value: Value) -> Value:
    """*value* as the callers of the function get it by *node*, which returns it."""
    dynamic = frame.knowledge.dynamic
    if dynamic is None or lowered(value, Undone.SESSION) is value:
        return value
    return _changed(lowered(value, undoing.ends_with_it(frame.function, node)), _from_elsewhere)


def _from_elsewhere(owner: Instance) -> Instance:
    """*owner* for those who have no name for its session."""
    before = owner.in_session
    return owner if before is None or before.home[0] else _with(owner, InSession(before.level, ELSEWHERE))


def left(frame: Frame, node: ast.With | ast.AsyncWith, before: dict[str, Value] | None) -> None:
    """The block *node* is over, which began with the variables *before*."""
    if frame.knowledge.dynamic is None:
        return
    undone, swallowing = undoing.at_end_of_block(node)
    if swallowing:
        interrupted(frame, before)
    undo(frame, undone)


def interrupted(frame: Frame, before: dict[str, Value] | None) -> None:
    """What has come since *before* may have been left half-way: a handler of ``try`` begins anywhere in its body."""
    if frame.knowledge.dynamic is None or frame.env is None:
        return
    for name, value in frame.env.items():
        if before is None or before.get(name) != value:
            frame.env[name] = lowered(value, Undone.ALL)
