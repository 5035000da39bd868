"""What the parameters of a function are: by annotation, the instance, a dependency or fixture, what callers pass."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import persistence, transfer
from alchemove_codemods.analysis.annotations import annotated, means_what_is_entered
from alchemove_codemods.analysis.expressions import evaluate
from alchemove_codemods.analysis.fixtures import fixtures_named
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.unpacking import context_value
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Class,
    Function,
    Instance,
    Plain,
    Session,
    Sql,
    Value,
    parts,
    queries_in,
)


def bind(frame: Frame) -> None:
    """Bind the parameters of the function of *frame*."""
    function, knowledge = frame.function, frame.knowledge
    own = frame.own_instance()
    arguments = function.node.args  # type: ignore[attr-defined]
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr] = dict(zip([a.arg for a in reversed(positional)], reversed(arguments.defaults)))
    defaults.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None})
    for index, argument in enumerate(function.parameters):
        name = argument.arg
        if own and index == 0 and own[0] == name:
            frame.bind(name, own[1])
            if frame.observed is not None:
                frame.observed[argument] = own[1]
            continue
        value = annotated(knowledge, function.module, argument.annotation, function.owner)
        if value is not None and means_what_is_entered(knowledge, value, name, function.node):
            value = None
        if is_another_session(value, name):
            value = None
        if argument is arguments.vararg or argument is arguments.kwarg:
            value = Plain(value) if value is not None and argument is arguments.vararg else PLAIN
        passed = knowledge.read("parameter", function, name, function)
        queries = queries_in(passed)
        if value is None and name in defaults:
            value = _depends(frame, defaults[name])
        if queries:
            value = transfer.arriving(frame, name, passed)
            frame.annotation(argument.annotation, passed)
        elif value is None and any(isinstance(v, Sql) for v in parts(passed)):
            # One caller that passes a column is enough: what it is compared with may be another table's.
            value = passed
        elif value is None and function in knowledge.trusted and not isinstance(passed, type(BOTTOM)):
            value = passed
            if name in defaults and not isinstance(defaults[name], ast.Constant):
                value = join(value, knowledge.static(function.module, defaults[name], function.owner))
        elif value is None:
            value = (
                _fixture(frame, name)
                if function.decorated("fixture") or function.name.startswith("test") or function.owner is not None
                else None
            )
        if frame.knowledge.dynamic is not None and value is not None:
            value = _handed_in(frame, name, value)
        if isinstance(value, type(BOTTOM)):
            # What the fixture gives may become known yet.
            knowledge.assumed.add(function)
            value = UNKNOWN if knowledge.decided else BOTTOM
        if value is None:
            # Nothing is said until it is decided whether all callers are known; what nobody passes stays unknown.
            open_ended = knowledge.decided or knowledge.never_closed(function)
            if not open_ended:
                knowledge.assumed.add(function)
            value = UNKNOWN if open_ended else BOTTOM
        frame.bind(name, value)
        if frame.observed is not None:
            frame.observed[argument] = value


def is_another_session(value: Value | None, name: str) -> bool:
    """Whether *value*, by the annotation of a parameter *name*, is a ``Session`` that was imported from the wrong library.

    Editors complete imports, and Python does not mind ``from pytest import Session`` over ``def __init__(self, db: Session)``.
    """
    if not isinstance(value, Instance) or not isinstance(value.cls, str):
        return False
    return value.cls == "pytest.Session" or (value.cls.endswith(".Session") and "db" in name.lower())


def _depends(frame: Frame, default: ast.expr) -> Value | None:
    """What ``= Depends(get_db)`` injects; other defaults say nothing."""
    if isinstance(default, ast.Call) and last_name(default.func) in ("Depends", "Security", "Provide") and default.args:
        provider = evaluate(Frame(frame.knowledge, frame.module.body, recording=False), default.args[0])
        if isinstance(provider, Function):
            value = _provided(frame, provider.facts)
            if value in (UNKNOWN, NOTHING) and frame.knowledge.hands_out_sessions(provider.facts):
                return Session("orm", "call")
            return value if not isinstance(value, type(BOTTOM)) else None
        if isinstance(provider, Class):
            return Instance(provider.facts)
    return None


def _provided(frame: Frame, function: FunctionFacts) -> Value:
    """What a dependency or fixture hands out: what it yields, else what it returns."""
    value = context_value(frame, function)
    return value if not queries_in(value) else UNKNOWN


def _fixture(frame: Frame, name: str) -> Value | None:
    """What the pytest fixture *name* gives."""
    for found in fixtures_named(frame.knowledge.program, frame.module.path, name):
        if found is not frame.function:
            return _provided(frame, found)
    return None


def _handed_in(frame: Frame, name: str, value: Value) -> Value:
    """What the parameter *name* is, which its annotation says is *value*: the fixture may tell that it is in a session."""
    function = frame.function
    if function.name.startswith("test") or function.decorated("fixture"):
        given = _fixture(frame, name)
        if given is not None and persistence.is_same_object(frame, value, given):
            return given
    return value
