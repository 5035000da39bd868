"""Calls: of the program's functions and classes, of builtins, and of SQLAlchemy."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import (
    attributes,
    comparing,
    dumping,
    expressions,
    extension_bases,
    handover,
    library_calls,
    modern,
    operators,
    orm_calls,
    queries,
    removed,
    session_methods,
    transfer,
    unpacking,
    unproved,
    wrappers,
)
from alchemove_codemods.analysis.annotations import annotated, instance_of, session_flavour
from alchemove_codemods.analysis.arguments import Argument, bind
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.growing import is_own_list
from alchemove_codemods.analysis.knowledge import Passing
from alchemove_codemods.analysis.names import ITERABLE_METHODS
from alchemove_codemods.analysis.words import relevant
from alchemove_codemods.facts import FunctionFacts, is_super
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Bottom,
    Class,
    Dict,
    Entity,
    External,
    Function,
    Instance,
    Mixed,
    Paginated,
    Plain,
    Query,
    Rows,
    Session,
    Sql,
    Unknown,
    Value,
    certain,
    is_text,
    may_be,
    parts,
    place_of,
    queries_in,
)  # fmt: skip


def arguments_of(frame: Frame, node: ast.Call) -> list[Argument]:
    """Evaluate the arguments of *node* in order."""
    found = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = expressions.evaluate(frame, argument.value)
            found.append(Argument(argument.value, unpacking.items_of(frame, argument.value, value), starred=True))
        else:
            found.append(Argument(argument, expressions.evaluate(frame, argument)))
    for keyword in node.keywords:
        value = expressions.evaluate(frame, keyword.value)
        found.append(Argument(keyword.value, value, keyword.arg, starred=keyword.arg is None))
    return found


def call(frame: Frame, node: ast.Call) -> Value:
    """The value of the call *node*."""
    function = node.func
    if isinstance(function, ast.Attribute):
        if is_super(function.value):
            return _super_call(frame, node, function.attr)
        base = expressions.evaluate(frame, function.value)
        if may_be(base, Query):
            return queries.method(frame, node, function, base)
        if function.attr in ("execute", "scalar") and isinstance(base, Unknown):
            # What a mapped class is asked of elsewhere is a session here as well.
            base = queries.proved_elsewhere(frame, function.value) or base
        if function.attr == "query":
            created = queries.session_query(frame, node, function.value, base)
            if created is not None:
                return created
        if may_be(base, Session):
            return session_methods.called(frame, node, function, base)
        if removed.concerns(base):
            return removed.method(frame, node, function, base)
        if isinstance(base, Rows):
            return modern.method(frame, node, function.attr, base)
        if is_text(base) and (made := removed.text_method(frame, node, function)) is not None:
            return made
        if function.attr in ITERABLE_METHODS and isinstance(base, (Plain, Mixed, External)) and _iterates(base):
            for argument in arguments_of(frame, node):
                library_calls.swallowed(frame, argument, fills_dictionary=function.attr == "update")
            return UNKNOWN if function.attr != "join" else PLAIN
        if isinstance(base, Dict) and function.attr in ("get", "pop", "values", "items", "keys", "setdefault"):
            arguments_of(frame, node)
            return {"values": Plain(base.of), "items": Plain(Plain(parts=(PLAIN, base.of))), "keys": PLAIN}.get(
                function.attr, base.of
            )
        if isinstance(base, Plain) and function.attr in ("append", "add", "insert"):
            return _grown(frame, node, function, base)
        if (made := dumping.dumped(frame, node, function)) is not None:
            return made
        if isinstance(base, Plain) and queries_in(base):
            return _taken_out(frame, node, function.attr, base)
        if function.attr == "compare":
            comparing.compared(frame, node, function)
        callee = attributes.attribute(frame, function, base)
        unproved.suspicious(frame, node, function, base)
        if isinstance(base, Sql):
            return orm_calls.sql_method(frame, node, base, function.attr)
    else:
        callee = expressions.evaluate(frame, function)
    arguments = None
    if library_calls.is_reduce(callee):
        return library_calls.reduced(frame, node)
    arguments = arguments_of(frame, node)
    joined: Value = BOTTOM
    possible = certain(callee)
    # Which of several functions is noted last must not depend on where they lie in memory.
    for part in sorted(possible, key=_defined_at) if isinstance(callee, Mixed) else possible:
        joined = join(joined, _called(frame, node, part, arguments))
    return joined


def _defined_at(value: Value) -> tuple[str, int]:
    match value:
        case Function(facts=facts) | Class(facts=facts):
            return facts.module.path, getattr(facts.node, "lineno", 0)
    return "", 0


def _iterates(base: Value) -> bool:
    return all(isinstance(v, Plain) or (isinstance(v, External) and v.last in ("chain", "str")) for v in parts(base))


def _grown(frame: Frame, node: ast.Call, function: ast.Attribute, base: Plain) -> Value:
    """``items.append(x)``: what the list holds afterwards."""
    arguments = arguments_of(frame, node)
    value = arguments[-1].value if arguments else UNKNOWN
    if isinstance(function.value, ast.Name):
        for argument in arguments:
            frame.mention(argument.node, argument.value)
        unknown = base.of is None and base.parts is None
        if queries_in(value) and (unknown or not is_own_list(frame, node, function.value.id)):
            frame.escape(node, value, "query-stored")
        of = join(base.of if base.of is not None else (UNKNOWN if base.parts is None else BOTTOM), value)
        if expressions._depth(of) > 2:
            frame.escape(node, of, "query-stored")
            of = UNKNOWN
        frame.bind(function.value.id, Plain(of))
    else:
        frame.escape(node, value, "query-stored")
    return NOTHING


def _taken_out(frame: Frame, node: ast.Call, name: str, base: Plain) -> Value:
    """A method of a list, tuple or set that holds queries: what it gives of them."""
    arguments_of(frame, node)
    match name:
        case "pop":
            joined = base.of if base.of is not None else BOTTOM
            for part in base.parts or ():
                joined = join(joined, part)
            return joined
        case "copy":
            return base
        case "clear" | "reverse" | "remove" | "index" | "count":
            return PLAIN
    frame.escape(node, base, "query-stored")
    return UNKNOWN


def _called(frame: Frame, node: ast.Call, callee: Value, arguments: list[Argument]) -> Value:
    match callee:
        case Unknown() | Bottom():
            pass
        case Function(facts=facts, receiver=receiver):
            return call_function(frame, node, facts, receiver, arguments)
        case Class(facts=facts):
            return _constructed(frame, node, callee, arguments)
        case External():
            return library_calls.external(frame, node, callee, arguments)
        case Session():
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-escapes")
            return callee
        case Instance(cls="sqlalchemy.orm.sessionmaker"):
            return Session("orm", "constructor")
        case Instance(cls=cls) if not isinstance(cls, str):
            method = frame.knowledge.method(cls, "__call__")
            if method is not None:
                return call_function(frame, node, method, callee, arguments)
        case Sql():
            return operators.sql_of([callee, *(a.value for a in arguments)])
        case Paginated():
            return callee
        case Query():
            # A collection stands for a mock, or the attribute is no query after all.
            frame.escape(node, callee, "query-inspected")
        case Entity(model=None):
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-escapes")
            return UNKNOWN
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return BOTTOM if isinstance(callee, type(BOTTOM)) else UNKNOWN


def _super_call(frame: Frame, node: ast.Call, name: str) -> Value:
    """``super().method(...)``: the method of the next class of the program."""
    arguments = arguments_of(frame, node)
    own = frame.own_instance()
    found = frame.inherited(name)
    if own is not None and found is not None:
        facts = found[0].module.functions.get(found[1].node)
        if facts is not None:
            if isinstance(node.func, ast.Attribute):
                frame.knowledge.settled[node.func] = Function(facts)
            return call_function(frame, node, facts, own[1], arguments)
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return UNKNOWN


def _constructed(frame: Frame, node: ast.Call, callee: Class, arguments: list[Argument]) -> Value:
    knowledge, cls = frame.knowledge, callee.facts
    flavour = session_flavour(knowledge, callee)
    if flavour:
        made = instance_of(knowledge, callee)
        return Session(flavour, "constructor", made.query_class if isinstance(made, Session) else None)
    if extension_bases.is_extension(knowledge.models.lineage(cls)):
        return Instance("flask_sqlalchemy.SQLAlchemy", made=place_of(node))
    possible = [cls, *knowledge.models.subclasses(cls)] if callee.some else [cls]
    initializers = dict.fromkeys(filter(None, (knowledge.method(each, "__init__") for each in possible)))
    instance = Instance(cls)
    for initializer in reversed(initializers):
        call_function(frame, node, initializer, instance, arguments)
    if not initializers:
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-stored")
    return instance


# functions of the program ------------------------------------------------------------------------------------------


def result_of(frame: Frame, function: FunctionFacts, node: ast.Attribute | None = None) -> Value:
    """What *function* returns without arguments: a context manager, or the property that *node* reads."""
    require(frame, function)
    if frame.recording:
        frame.knowledge.ahead(function)
    value = frame.knowledge.read("returns", function, "", frame.function)
    yielded = frame.knowledge.read("yields", function, "", frame.function)
    if not isinstance(yielded, type(BOTTOM)):
        return yielded if function.decorated("contextmanager", "asynccontextmanager", "fixture") else Plain(yielded)
    if queries_in(value):
        frame.knowledge.cross(value, function)
        return handover.received(frame, value, function, {}, node)
    if isinstance(value, (type(BOTTOM), type(UNKNOWN))):
        promised = annotated(frame.knowledge, function.module, getattr(function.node, "returns", None), function.owner)
        if promised is not None:
            return promised
    return value


def require(frame: Frame, function: FunctionFacts) -> None:
    """Interpret *function* if its text can matter for what it returns."""
    knowledge = frame.knowledge
    if function in knowledge.interpreted:
        return
    # Whatever makes or hands on an object may give one that is in no session.
    text = function.module.source.segment(function.node)
    if relevant(text) or (knowledge.dynamic is not None and knowledge.dynamic.named_in(text)):
        for member in knowledge.overriding(function):
            knowledge.require(member)


def call_function(
    frame: Frame, node: ast.Call, function: FunctionFacts, receiver: Value | None, arguments: list[Argument]
) -> Value:
    """A call of a function of the program: what it passes is noted, what it returns is the value."""
    knowledge = frame.knowledge
    knowledge.calls[node.func] = function
    made = wrappers.called(frame, node, function, receiver, arguments)
    if made is not None:
        return made
    bound = bind(function, receiver, arguments)
    if bound is None:
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        bound = {}
    for argument in arguments:
        if not any(argument is a for a in bound.values()):
            frame.escape(argument.node, argument.value, "query-escapes")
            if queries_in(argument.value):
                knowledge.require(function)
    require(frame, function)
    if frame.recording and any(argument.starred for argument in arguments):
        for parameter in function.parameters:
            name = parameter.arg
            if name not in bound and queries_in(knowledge.read("parameter", function, name, frame.function)):
                # What the others pass as a query may here be anything.
                knowledge.write("parameter", function, name, UNKNOWN)
    for name, argument in bound.items():
        passed = argument.value
        if isinstance(passed, Paginated):
            frame.escape(argument.node, passed, "pagination-inspected")
        if queries_in(passed):
            frame.mention(argument.node, passed)
            if frame.recording:
                given = knowledge.passings.setdefault(node, Passing(node, function, frame.function, {}))
                given.queries[name] = queries_in(passed)[0]
            passed = transfer.handed(frame, handover.sent(frame, passed, function, bound, node), function, name)
            knowledge.cross(passed, function)
            knowledge.require(function)
        if frame.recording:
            knowledge.write("parameter", function, name, passed)
    if frame.recording:
        knowledge.callers.setdefault(function, {})[frame.function] = None
        knowledge.ahead(function)
    yielded = knowledge.read("yields", function, "", frame.function)
    if not isinstance(yielded, type(BOTTOM)):
        manager = function.decorated("contextmanager", "asynccontextmanager")
        if queries_in(yielded):
            frame.escape(node, yielded, "query-escapes")
            yielded = UNKNOWN
        return yielded if manager else Plain(yielded)
    value = knowledge.read("returns", function, "", frame.function)
    if isinstance(value, (type(BOTTOM), type(UNKNOWN))) or value == NOTHING:
        promised = annotated(knowledge, function.module, getattr(function.node, "returns", None), function.owner)
        if promised is not None:
            return promised
    if queries_in(value):
        knowledge.cross(value, function)
        value = handover.received(frame, value, function, bound, node.func)
    return value


# sessions named by the user ----------------------------------------------------------------------------------------


def named_session(frame: Frame, node: ast.expr, value: Value = UNKNOWN) -> Value:
    """A session if the configuration says that this expression holds one."""
    names = frame.knowledge.session_names
    if names:
        text = stable_text(node)
        if text is not None and any(text == name or text.endswith(f".{name}") for name in names):
            return Session("orm", "configured")
    return value
