"""Calls of builtins and of libraries."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import (
    attributes,
    calls,
    expressions,
    foreign,
    modern,
    orm_calls,
    removed,
    shown,
    unpacking,
    unproved,
)
from alchemove_codemods.analysis.annotations import annotated
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.elements import row_of
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.names import (
    BUILTIN_ITERATION,
    ORM_PACKAGES,
)  # fmt: skip
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    PLAIN,
    SOME_CLASS,
    TEXT,
    UNKNOWN,
    Class,
    Entity,
    Executor,
    External,
    Instance,
    Plain,
    Query,
    Row,
    Rows,
    Session,
    Sql,
    Value,
    parts,
    queries_in,
)  # fmt: skip

_CLASSES_LIKE_CONSTANTS = frozenset(
    {
        "ftplib.FTP",
        "ftplib.FTP_TLS",
        "imaplib.IMAP4",
        "imaplib.IMAP4_SSL",
        "poplib.POP3",
        "poplib.POP3_SSL",
        "smtplib.LMTP",
        "smtplib.SMTP",
        "smtplib.SMTP_SSL",
    }
)


def is_reduce(callee: Value) -> bool:
    """Whether *callee* is ``functools.reduce``."""
    return isinstance(callee, External) and callee.name == "functools.reduce"


def reduced(frame: Frame, node: ast.Call) -> Value:
    """``reduce(lambda q, f: q.filter(f), filters, query)``: the body applied until nothing changes."""
    match node.args:
        case [ast.Lambda(args=ast.arguments(args=[first, second], defaults=[]), body=body), iterable, initial] if (
            not node.keywords
        ):
            element = unpacking.items_of(frame, iterable, expressions.evaluate(frame, iterable))
            value = expressions.evaluate(frame, initial)
            frame.mention(initial, value)
            for _ in range(4):
                frame.scopes.append({first.arg: value, second.arg: element})
                result = expressions.evaluate(frame, body)
                frame.mention(body, result)
                frame.scopes.pop()
                grown = join(value, result)
                if grown == value:
                    break
                value = grown
            return value
    for argument in calls.arguments_of(frame, node):
        frame.escape(argument.node, argument.value, "query-escapes")
    return UNKNOWN


def external(frame: Frame, node: ast.Call, callee: External, arguments: list[Argument]) -> Value:
    """What a call of something that is not of the program gives."""
    name, last, top = callee.name, callee.last, callee.top
    if top == "builtins":
        return _builtin(frame, node, last, arguments)
    values = [a.value for a in arguments]
    removed.call(frame, node, callee, arguments)
    if name == "functools.partial":
        unproved.bound(frame, arguments)
    if top == "operator":
        unproved.by_name(frame, node, callee)
    if name in foreign.MODEL_FACTORIES:
        return SOME_CLASS
    if name in (attributes.DATABASE, f"{attributes.DATABASE}.from_env", f"{attributes.DATABASE}.from_engine"):
        return Instance(attributes.DATABASE)
    if name == "alembic.op.get_bind":
        return Executor("connection")
    if top in ORM_PACKAGES and ".Query." not in name:
        made = orm_calls.sqlalchemy_call(frame, node, callee, arguments)
        if made is not None:
            return made
    if name in ("typing.cast", "typing_extensions.cast") and len(arguments) == 2:
        promised = annotated(frame.knowledge, frame.module, arguments[0].node, frame.function.owner)
        frame.mention(arguments[1].node, values[1])
        return values[1] if queries_in(values[1]) or promised is None else promised
    if name in ("contextlib.closing", "contextlib.aclosing", "copy.copy") and values and not queries_in(values[0]):
        return values[0]
    if top == "itertools" and last in (
        "chain",
        "from_iterable",
        "islice",
        "groupby",
        "count",
        "zip_longest",
        "product",
        "takewhile",
        "dropwhile",
    ):
        for argument in arguments:
            swallowed(frame, argument)
        return UNKNOWN
    if top == "collections" and last in ("OrderedDict", "Counter", "deque", "defaultdict"):
        for argument in arguments:
            swallowed(frame, argument, fills_dictionary=last in ("OrderedDict", "defaultdict"))
        return PLAIN
    for argument in arguments:
        if not shown.is_gone_through(frame, node, name, argument):
            frame.escape(argument.node, argument.value, "query-escapes")
    if name == "typing.TypeVar":
        return _type_variable(frame, node)
    if name in _CLASSES_LIKE_CONSTANTS or (last[:1].isupper() and not last.isupper()):
        return Instance(name)
    return UNKNOWN


def _type_variable(frame: Frame, node: ast.Call) -> Value:
    for keyword in node.keywords:
        if keyword.arg == "bound":
            bound = keyword.value
            if isinstance(bound, ast.Constant) and isinstance(bound.value, str):
                found = frame.knowledge.classes_named(bound.value)
                return Class(found[0], some=True) if len(found) == 1 else UNKNOWN
            value = expressions.evaluate(frame, bound)
            return Class(value.facts, some=True) if isinstance(value, Class) else UNKNOWN
    return UNKNOWN


def _is_their_class(value: Value, queries: list[Query]) -> bool:
    """Whether *value* is the class Query of SQLAlchemy itself, or that of Flask-SQLAlchemy if it made all *queries*."""
    match value:
        case External(last="Query" | "BaseQuery", top="flask_sqlalchemy"):
            return all(q.flavour == "flask" and q.query_class is None for q in queries)
        case External(last="Query", name=name):
            return name.startswith("sqlalchemy.orm.")
    return False


def swallowed(frame: Frame, argument: Argument, *, fills_dictionary: bool = False) -> None:
    """*argument* is gone through by something whose result is not followed; what has a name is kept there as it is.

    What *fills_dictionary* takes a result that has keys for a mapping: it needs the rows of one as a list.
    """
    if argument.name is not None:
        frame.escape(argument.node, argument.value, "query-stored")
        return
    needs_list = fills_dictionary and any(isinstance(row_of(frame, q), Row) for q in queries_in(argument.value))
    items = unpacking.items_of(frame, argument.node, argument.value, needs_list=needs_list)
    frame.escape(argument.node, items, "query-stored")


def _builtin(frame: Frame, node: ast.Call, name: str, arguments: list[Argument]) -> Value:
    values = [a.value for a in arguments]
    if name == "str":
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-as-text")
        return TEXT
    for argument in arguments:
        if name == "dict" and (argument.name is None):
            removed.mapping(frame, argument.node, argument.value)
    match name:
        case "type" if len(arguments) == 1:
            match values[0]:
                case Instance(cls=cls) if not isinstance(cls, str):
                    return Class(cls, some=True)
            frame.escape(arguments[0].node, values[0], "query-inspected")
            return UNKNOWN
        case "isinstance" if len(node.args) == 2 and _is_their_class(values[1], queries_in(values[0])):
            frame.asked_for_class(node.args[1], values[0])
            return PLAIN
        case (
            "isinstance"
            | "hasattr"
            | "getattr"
            | "setattr"
            | "callable"
            | "id"
            | "hash"
            | "dir"
            | "issubclass"
            | "repr"
            | "print"
            | "format"
        ):
            reason = "query-as-text" if name in ("repr", "print", "format") else "query-inspected"
            for argument in arguments:
                frame.escape(argument.node, argument.value, reason)
            if name == "getattr" and len(values) >= 2:
                return _getattr(frame, node, values)
            return PLAIN
        case "super":
            return UNKNOWN
        case "bool":
            for argument in arguments:
                frame.escape(argument.node, argument.value, "truth-test")
            return PLAIN
        case "len":
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-inspected")
            return PLAIN
    if name in BUILTIN_ITERATION and not (name in ("max", "min") and len(node.args) > 1):
        of: Value = BOTTOM
        for argument in arguments:
            if name == "reversed":
                frame.escape(argument.node, argument.value, "query-inspected")  # a Query has no length: TypeError
            if argument.name is not None:
                frame.escape(argument.node, argument.value, "query-stored")
            if argument.name is None and any(queries_in(v) for v in parts(argument.value)):
                of = join(of, unpacking.items_of(frame, argument.node, argument.value, needs_list=name == "dict"))
            elif isinstance(argument.value, Plain) and argument.value.of is not None:
                of = join(of, argument.value.of)
            elif isinstance(argument.value, Rows):
                of = join(of, modern.item(argument.value))
            else:
                of = join(of, UNKNOWN if isinstance(argument.value, type(UNKNOWN)) else PLAIN)
        if name in ("next", "min", "max"):
            return of if not isinstance(of, type(BOTTOM)) else UNKNOWN
        if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter"):
            return Plain(of) if arguments else Plain(parts=())
        frame.escape(node, of, "query-stored")
        return PLAIN
    if name in ("locals", "vars", "eval", "exec") and len(arguments) == (name in ("eval", "exec")):
        frame.expose(node)
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return PLAIN


def _getattr(frame: Frame, node: ast.Call, values: list[Value]) -> Value:
    match values[0], values[1]:
        case (Class() | Session()) as owner, Plain(literal="query"):
            # Text names what would be a site: nothing follows it from here.
            if isinstance(owner, Session) or frame.knowledge.models.is_mapped(owner.facts):
                frame.suspect(node, "model-query", "query-reference")
            return UNKNOWN
        case (Class() | Entity()) as owner, _:
            return Sql("column", frozenset([owner]))
    return UNKNOWN
