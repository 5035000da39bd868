"""A query changes hands: how its session is written by who gives it back, receives, keeps or passes it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from alchemove_codemods.analysis import transfer
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.constructors import given_for
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import CACHED_PROPERTIES, FunctionFacts, is_super
from alchemove_codemods.frozen import replace
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    Held,
    Mixed,
    Plain,
    Query,
    Value,
    queries_in,
)  # fmt: skip


def given_back(frame: Frame, value: Value) -> Value:
    """What the function of *frame* returns, with sessions written as any method that overrides it writes them.

    ``self.session`` is the same to the caller whichever of the methods it reaches.
    """
    function = frame.function
    if function.decorated(*CACHED_PROPERTIES):
        value = _map_queries(value, lambda query: query if _lasts(frame, query.held) else replace(query, held=None))
    shared = frame.knowledge.overriding(function)[0]
    if shared is function or not queries_in(value):
        return value
    own, other = ([p.arg for p in f.parameters] for f in (function, shared))

    def translate(query: Query) -> Query:
        held = query.held
        if held is None or held.frame is not function or held.root not in own:
            return query
        is_self = function.is_method and held.root == own[0]
        root = other[0] if is_self and other else held.root
        if root not in other or (root == other[0]) != is_self:
            return query
        return replace(query, held=Held(root + held.text[len(held.root) :], root, shared, carried=held.carried))

    return _map_queries(value, translate)


def received(
    frame: Frame,
    value: Value,
    function: FunctionFacts,
    bound: dict[str, Argument],
    named: ast.expr | None,
) -> Value:
    """A query that *function* returned, with its session written as the caller can write it.

    *named* is the expression that the caller has for the function: ``self.active``, called or read as a property.
    """

    def translate(query: Query) -> Value:
        own = transfer.returned(frame, query, function, bound)
        if own is not None:
            return own
        held = _held_by_caller(frame, query.held, function, bound, named)
        return replace(query, held=held, passed=transfer.kept(frame, query.passed))

    return _map_queries(transfer.come_back(frame, value, function, bound), translate)


def _held_by_caller(
    frame: Frame, held: Held | None, function: FunctionFacts, bound: dict[str, Argument], named: ast.expr | None
) -> Held | None:
    if held is None or held.frame is None:
        return held
    relatives = {f.node for f in frame.knowledge.overriding(function)}
    if held.carried:
        if held.frame.node not in relatives or held.root not in bound:
            return None
        sources = queries_in(bound[held.root].value)
        return sources[0].held if sources else None
    if held.frame.node not in relatives and held.frame is not function:
        return held if _encloses(held.frame, frame.function) else None
    parameters = held.frame.parameters
    if held.frame.is_method and parameters and parameters[0].arg == held.root:
        target = _receiver_text(frame, named)
    elif held.root in bound:
        target = bound[held.root].node
    else:
        return None
    return _reached(frame, target, held.text[len(held.root) :]) if target is not None else None


def _reached(frame: Frame, target: ast.expr, rest: str) -> Held | None:
    """What *rest* reads from the object that *target* stands for, or from one that *target* makes."""
    outer = frame.held(target)
    if outer is not None:
        return _below(frame, outer, rest)
    if not rest.startswith("."):
        return None
    _, name, *further = rest.split(".")
    given = given_for(frame, target, name)
    return _reached(frame, given, "".join(f".{each}" for each in further)) if given is not None else None


def _below(frame: Frame, outer: Held, rest: str) -> Held:
    """What *rest* reads from the object that *outer* stands for."""
    if outer.frame is None and outer.module is not None:
        return frame.knowledge.global_held(outer.text + rest, outer.module)
    return Held(outer.text + rest, outer.root, outer.frame, outer.module)


def _receiver_text(frame: Frame, named: ast.expr | None) -> ast.expr | None:
    if isinstance(named, ast.Attribute):
        inner = named.value
        if is_super(inner):
            parameters = frame.function.parameters
            return ast.Name(parameters[0].arg, ast.Load()) if parameters else None
        return inner
    return None


def _encloses(outer: FunctionFacts, inner: FunctionFacts | None) -> bool:
    while inner is not None:
        if inner is outer:
            return True
        inner = inner.outer
    return False


def sent(frame: Frame, value: Value, function: FunctionFacts, bound: dict[str, Argument], node: ast.Call) -> Value:
    """A query that is passed to *function*, with its session written as *function* can write it."""

    def translate(query: Query) -> Query:
        query = replace(query, passed=None)
        held = query.held
        if held is None or held.frame is None:
            return query
        if held.carried:
            return replace(query, held=_carried(function, bound, query))
        for name, argument in bound.items():
            other = frame.held(argument.node)
            if other is not None and other == held:
                return replace(query, held=Held(name, name, function))
        parameters = function.parameters
        own = frame.function.parameters
        if (
            function.is_method
            and not function.decorated("classmethod")
            and parameters
            and own
            and held.root == own[0].arg
            and frame.function.is_method
            and held.frame is frame.function
            and _same_object(node, own[0].arg)
        ):
            return replace(
                query, held=Held(parameters[0].arg + held.text[len(held.root) :], parameters[0].arg, function)
            )
        if _encloses(held.frame, function):
            return query
        return replace(query, held=_carried(function, bound, query))

    return _map_queries(value, translate)


def _same_object(node: ast.Call, own: str) -> bool:
    """Whether the call *node* is one of the object itself: ``self.method(...)`` or ``super().method(...)``."""
    match node.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name == own
        case ast.Attribute(value=inner):
            return is_super(inner)
    return False


def _carried(function: FunctionFacts, bound: dict[str, Argument], query: Query) -> Held | None:
    """The session of the query that came in by a parameter: *function* has no name for it, but its callers do."""
    for name, argument in bound.items():
        if any(q.component.find() is query.component.find() for q in queries_in(argument.value)):
            return Held("", name, function, carried=True)
    return None


def stored_form(frame: Frame, value: Value) -> Value:
    """A query as an attribute of an object keeps it: its session is written from the object, or lost."""
    own = frame.own_instance()

    def translate(query: Query) -> Query:
        query = replace(query, passed=None)
        held = query.held
        if held is None or held.frame is None:
            return query
        if own is not None and held.root == own[0] and held.frame is frame.function and _lasts(frame, held):
            return replace(query, held=Held("self" + held.text[len(held.root) :], "self", None))
        alias = frame.stored_as(held.text)
        if alias is not None and own is not None:
            kept = Held(f"{own[0]}.{alias}", own[0], frame.function)
            return replace(query, held=Held(f"self.{alias}", "self", None) if _lasts(frame, kept) else None)
        return replace(query, held=None)

    return _map_queries(value, translate)


def _lasts(frame: Frame, held: Held | None) -> bool:
    """Whether the attribute of its own object that *held* reads is assigned by constructors or by this function alone.

    A query that the object keeps was made with the session that the attribute had then.
    """
    owner = frame.function.owner
    if owner is None or held is None or held.text == held.root:
        return True
    attribute = held.text[len(held.root) + 1 :].split(".")[0]
    storing = frame.knowledge.stores.methods(frame.knowledge.models.family(owner), attribute)
    return all(f.name == "__init__" or f is frame.function for f in storing) or len(storing) == 1


def reheld(frame: Frame, node: ast.Attribute, value: Value) -> Value:
    """A query taken from the object ``node.value``: its session is an attribute of the same object."""

    def translate(query: Query) -> Query:
        held = query.held
        if held is None or held.root != "self" or held.frame is not None or held.module is not None:
            return query
        outer = frame.held(node.value)
        return replace(query, held=_below(frame, outer, held.text[4:]) if outer else None)

    return _map_queries(value, translate)


def _map_queries(value: Value, change: Callable[[Query], Value]) -> Value:
    match value:
        case Query():
            return change(value)
        case Mixed(values=values):
            joined: Value = BOTTOM
            for part in values:
                joined = join(joined, _map_queries(part, change))
            return joined
        case Plain(of=of, parts=pieces) if queries_in(value):
            return Plain(
                _map_queries(of, change) if of is not None else None,
                value.literal,
                tuple(_map_queries(p, change) for p in pieces) if pieces is not None else None,
            )
    return value
