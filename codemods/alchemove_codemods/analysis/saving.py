"""Functions of the program that put what they are given into a session: ``user.save()``, ``persist(user)``.

Such a function is interpreted once more with an object that is in no session yet, to see how far that has come wherever the function ends.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import expressions
from alchemove_codemods.analysis.arguments import Argument, bind
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.rebound import rebound
from alchemove_codemods.facts import FunctionFacts, is_generator, last_name
from alchemove_codemods.in_session import COMMITTED, ELSEWHERE, InSession, weaker
from alchemove_codemods.values import NOTHING, PLAIN, Instance, Session, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.persistence import Dynamic

_WORDS = ("add", "save", "commit", "flush", "persist", "store", "create", "insert")
"""One of these is in a function that adds something, or calls one that does."""
_KEEPING = frozenset({"staticmethod", "classmethod"})
_MOST = 6
"""How many methods that override each other are looked into."""


def of_call(
    frame: Frame, dynamic: Dynamic, node: ast.Call, callee: FunctionFacts
) -> Iterator[tuple[ast.expr, InSession]]:
    """The expressions that the call *node* of *callee* is given, with how far their objects have come afterwards."""
    given = _given(frame, node, callee)
    wanted = {name: v for name, a in given.items() if (v := _open(dynamic, a.value)) is not None}
    methods = frame.knowledge.overriding(callee) if wanted else []
    if not 0 < len(methods) <= _MOST:
        return
    passed = {**wanted, **{n: v for n, a in given.items() for v in parts(a.value) if isinstance(v, Session)}}
    found = [_effects(frame, dynamic, method, passed) for method in methods]
    for name in wanted:
        reached = functools.reduce(weaker, (each.get(name) for each in found))
        if reached is not None:
            yield given[name].node, _seen_from(frame, given, reached)


def of_constructor(frame: Frame, dynamic: Dynamic, made: Instance, constructor: FunctionFacts) -> InSession | None:
    """How far the object *made* has come when its *constructor* ends: ``def __init__(self, ...): ...; self.save()``."""
    if not constructor.parameters:
        return None
    name = constructor.parameters[0].arg
    reached = _effects(frame, dynamic, constructor, {name: Instance(made.cls)}).get(name)
    return InSession(reached.level, reached.home if reached.home[0] else ELSEWHERE) if reached is not None else None


def _given(frame: Frame, node: ast.Call, callee: FunctionFacts) -> dict[str, Argument]:
    """What each parameter of *callee* gets, the instance it is called on included, as far as variables say what that is."""
    function = node.func
    own: dict[str, Argument] = {}
    receiver: Value | None = None
    if isinstance(function, ast.Attribute) and callee.is_method and callee.parameters:
        value = _value_of(frame, function.value)
        receiver = value if value is not None else PLAIN
        if value is not None and all(isinstance(v, Instance) for v in parts(value)):
            own = {callee.parameters[0].arg: Argument(function.value, value)}
    arguments = [
        Argument(
            a.value if isinstance(a, ast.Starred) else a,
            _value_of(frame, a) or PLAIN,
            starred=isinstance(a, ast.Starred),
        )
        for a in node.args
    ]
    arguments += [Argument(k.value, _value_of(frame, k.value) or PLAIN, k.arg, k.arg is None) for k in node.keywords]
    return {**(bind(callee, receiver, arguments) or {}), **own}


def _value_of(frame: Frame, node: ast.expr) -> Value | None:
    """What the variable or session *node* is."""
    if isinstance(node, ast.Name):
        return frame.lookup(node.id)
    if stable_text(node) is not None and (last_name(node) or "").lower().endswith(("session", "db")):
        return expressions.evaluate(frame, node)
    return None


def _open(dynamic: Dynamic, value: Value) -> Instance | None:
    """The object in *value* that may still have to be put into a session."""
    found = [v for v in parts(value) if v != NOTHING]
    match found:
        case [Instance(cls=cls, stored=False, in_session=reached)] if reached is None or reached.level < COMMITTED:
            return Instance(cls) if dynamic.concerns(cls) else None
    return None


def _effects(frame: Frame, dynamic: Dynamic, function: FunctionFacts, passed: dict[str, Value]) -> dict[str, InSession]:
    """How far the objects of *passed* have come when *function* ends, by parameter."""
    key = (function, frozenset(passed.items()))
    if key not in dynamic.saving:
        dynamic.saving[key] = {}
        dynamic.saving[key] = _interpreted(frame, function, passed)
    return dynamic.saving[key]


def _interpreted(frame: Frame, function: FunctionFacts, passed: dict[str, Value]) -> dict[str, InSession]:
    from alchemove_codemods.analysis import parameters, statements

    node = function.node
    if not isinstance(node, ast.FunctionDef) or is_generator(node) or _is_replaced(function):
        return {}
    if not any(word in function.module.source.segment(node) for word in _WORDS):
        return {}
    inner = Frame(frame.knowledge, function, cls=function.owner, recording=False)
    frame.knowledge.program.open(function)
    parameters.bind(inner)
    names = {name for name in passed if not rebound(node, name)}
    for name in names:
        inner.bind(name, passed[name])
    inner.exits = []
    statements.block(inner, node.body)
    ends = [*inner.exits, *([inner.env] if inner.env is not None else [])]
    objects = [name for name in names if isinstance(passed[name], Instance)]
    return {name: reached for name in objects if ends and (reached := _at_all(ends, name)) is not None}


def _is_replaced(function: FunctionFacts) -> bool:
    """Whether a decorator may have put something else into the place of *function*."""
    return any(last_name(each) not in _KEEPING for each in function.decorators)


def _at_all(ends: list[dict[str, Value]], name: str) -> InSession | None:
    """How far the object *name* has come at each of *ends*."""
    values = [end.get(name) for end in ends]
    return functools.reduce(weaker, (v.in_session if isinstance(v, Instance) else None for v in values))


def _seen_from(frame: Frame, given: dict[str, Argument], reached: InSession) -> InSession:
    """*reached* with its session as the caller names it: by what it passes for the parameter, or is called on."""
    path, text = reached.home
    if path:
        return reached
    root = text.split(".", 1)[0]
    outer = stable_text(given[root].node) if root in given else None
    held = frame.held(ast.parse(outer + text[len(root) :], mode="eval").body) if outer is not None else None
    return InSession(reached.level, held.home if held is not None else ELSEWHERE)
