"""What the methods of a session are and do, other than ``query``."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import bridged, calls, modern, removed, unpacking
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    NOTHING,
    PLAIN,
    UNKNOWN,
    Class,
    Executor,
    Instance,
    Session,
    Value,
    parts,
    queries_in,
)


def called(frame: Frame, node: ast.Call, function: ast.Attribute, base: Value) -> Value:
    """A method of a session other than ``query``."""
    name = function.attr
    frame.knowledge.settled[function] = PLAIN
    if bridged.bridges(node, base):
        return bridged.result(frame, node)
    arguments = calls.arguments_of(frame, node)
    sessions = [v for v in parts(base) if isinstance(v, Session)]
    session = sessions[0]
    if name in ("execute", "scalars", "scalar", "exec", "stream", "stream_scalars"):
        for argument in arguments:
            frame.mention(argument.node, argument.value)
        if frame.knowledge.observing and (rows := modern.run(name, arguments)) is not None:
            return rows
        return removed.session_call(frame, node, name, session, arguments)
    if name == "connection" and session.flavour != "async":
        return Executor("connection")
    for argument in arguments:
        if name == "add_all":
            if queries_in(argument.value):
                unpacking.items_of(frame, argument.node, argument.value)
            continue
        frame.escape(argument.node, argument.value, "query-escapes")
    if name == "get" and arguments:
        target = arguments[0].value
        return join(Instance(target.facts, stored=True), NOTHING) if isinstance(target, Class) else UNKNOWN
    if name in ("begin", "begin_nested", "session_factory", "__call__", "__enter__", "registry"):
        return session
    if name == "merge" and arguments:
        return arguments[0].value
    if name == "query_property":
        return UNKNOWN
    if name.startswith("bulk_"):
        frame.suspect(node, "bulk-methods", "bulk-methods")
    return UNKNOWN
