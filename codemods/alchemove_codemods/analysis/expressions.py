"""Expressions: what each is, and what becomes of the queries inside it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Hashable
from typing import Any

from alchemove_codemods.analysis import (
    attributes,
    calls,
    operators,
    persistence,
    queries,
    removed,
    unpacking,
)
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    TEXT,
    UNKNOWN,
    Class,
    Dict,
    Entity,
    External,
    Instance,
    Mixed,
    Module,
    Plain,
    Query,
    Result,
    ResultRow,
    Row,
    Session,
    Sql,
    Value,
    parts,
    queries_in,
)  # fmt: skip


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """The value of *node* at this point; records what happens to queries inside it."""
    handler = _HANDLERS.get(node.__class__)
    if handler is None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                frame.escape(child, evaluate(frame, child), "query-escapes")
        return UNKNOWN
    value = handler(frame, node)
    observed = frame.observed
    if observed is not None:
        before = observed.get(node)
        observed[node] = value if before is None else join(before, value)
    return value


def _constant(frame: Frame, node: ast.Constant) -> Value:
    return NOTHING if node.value is None else _plain(node.value)


@functools.lru_cache(maxsize=1 << 14, typed=True)
def _plain(literal: Hashable) -> Plain:
    """The literal as a value."""
    return Plain(literal=literal if isinstance(literal, (int, str, bool, float)) else None)


def _name(frame: Frame, node: ast.Name) -> Value:
    value = frame.lookup(node.id)
    if frame.knowledge.dynamic is not None and not frame.binds(node.id):
        value = persistence.out_of_sight(frame, value)
    return calls.named_session(frame, node, value) if isinstance(value, type(UNKNOWN)) else value


def _display(frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    of: Value = BOTTOM
    exact: list[Value] | None = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            value = unpacking.items_of(frame, element.value, evaluate(frame, element.value))
            exact = None
        else:
            value = evaluate(frame, element)
            frame.mention(element, value)
            if exact is not None:
                exact.append(value)
        of = join(of, value)
    if _depth(of) > 3:
        frame.escape(node, of, "query-stored")
        return PLAIN
    return Plain(of, parts=tuple(exact) if exact is not None and len(exact) <= 12 else None)


def _depth(value: Value | None) -> int:
    return 1 + max((_depth(p.of) for p in parts(value) if isinstance(p, Plain)), default=0) if value is not None else 0


def _dict(frame: Frame, node: ast.Dict) -> Value:
    of: Value = BOTTOM
    for key, value in zip(node.keys, node.values):
        if key is not None:
            frame.escape(key, evaluate(frame, key), "query-stored")
        result = evaluate(frame, value)
        if key is None:
            removed.mapping(frame, value, result)
        frame.escape(value, result, "query-stored")
        of = join(of, UNKNOWN if key is None or queries_in(result) else result)
    return Dict(of) if any(isinstance(v, (Class, Entity, Session, Instance, Module, Sql)) for v in parts(of)) else PLAIN


def _joined_string(frame: Frame, node: ast.JoinedStr) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            frame.escape(part.value, evaluate(frame, part.value), "query-as-text")
            if part.format_spec is not None:
                evaluate(frame, part.format_spec)
    return TEXT


def _conditional(frame: Frame, node: ast.IfExp) -> Value:
    truth(frame, node.test)
    first, second = evaluate(frame, node.body), evaluate(frame, node.orelse)
    frame.mention(node.body, first)
    frame.mention(node.orelse, second)
    return join(first, second)


def _boolean(frame: Frame, node: ast.BoolOp) -> Value:
    joined: Value = BOTTOM
    for index, operand in enumerate(node.values):
        value = evaluate(frame, operand)
        if index < len(node.values) - 1:
            if isinstance(node.op, ast.Or) and len(node.values) == 2 and _takes_a_conditional(frame, node):
                frame.tested(operand, value, chosen=True)
            else:
                frame.escape(operand, value, "truth-test")
            if isinstance(node.op, ast.Or) and isinstance(value, Mixed):
                value = (
                    Mixed(frozenset(v for v in value.values if v != NOTHING))
                    if len(value.values) > 2
                    else next((v for v in value.values if v != NOTHING), value)
                )
            if isinstance(node.op, ast.And):
                continue
        joined = join(joined, value)
    return (
        joined
        if not isinstance(node.op, ast.And)
        else join(joined, NOTHING)
        if isinstance(joined, (Instance, Session))
        else joined
    )


def _takes_a_conditional(frame: Frame, node: ast.expr) -> bool:
    """Whether ``a if b else c`` can stand in the place of *node* without parentheses of its own."""
    match frame.module.source.parents.get(node):
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.Attribute() | ast.keyword():
            return True
        case ast.Call(func=called):
            return called is not node
    return False


def truth(frame: Frame, node: ast.expr) -> None:
    """Evaluate *node* where only its truth matters."""
    match node:
        case ast.BoolOp(values=operands):
            for operand in operands:
                truth(frame, operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            truth(frame, operand)
        case _:
            frame.tested(node, evaluate(frame, node))


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(frame, node.value)
    key = evaluate(frame, node.slice)
    frame.escape(node.slice, key, "query-escapes")
    if any(isinstance(v, Query) for v in parts(value)):
        return queries.item(frame, node, value, key)
    removed.row_item(frame, node, value, key)
    if isinstance(value, Mixed):
        certain = [part for part in value.values if part != NOTHING]
        joined: Value = BOTTOM
        for part in certain:
            # What may be a row or a dictionary reads its key as it does.
            joined = join(
                joined, PLAIN if isinstance(part, Row) and len(certain) > 1 else _item(frame, node, part, key)
            )
        return joined
    return _item(frame, node, value, key)


def _item(frame: Frame, node: ast.Subscript, value: Value, key: Value) -> Value:
    if isinstance(value, type(BOTTOM)):
        return calls.named_session(frame, node, BOTTOM)
    match value:
        case Plain(parts=pieces) if (
            pieces is not None
            and isinstance(key, Plain)
            and isinstance(key.literal, int)
            and -len(pieces) <= key.literal < len(pieces)
        ):
            return pieces[key.literal]
        case Plain(of=of):
            if isinstance(node.slice, ast.Slice):
                return value if value.parts is None else Plain(of)
            return of if of is not None else UNKNOWN
        case Dict(of=of):
            return of
        case Row():
            queries.row_item(frame, node, value)
            return PLAIN
        case Result() | ResultRow():
            return UNKNOWN
        case Sql():
            return Sql("expression", value.owners, value.opaque, core=value.core, unhashable=value.unhashable)
        case External() | Class():
            return value
    return calls.named_session(frame, node)


def _slice(frame: Frame, node: ast.Slice) -> Value:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            evaluate(frame, part)
    return PLAIN


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    value = evaluate(frame, node.value)
    return attributes.attribute(frame, node, value)


def _call(frame: Frame, node: ast.Call) -> Value:
    value = calls.call(frame, node)
    if frame.knowledge.dynamic is not None:
        persistence.after_call(frame, node)
        value = persistence.made(frame, node, value)
    return value


def _walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    frame.mention(node.value, value)
    frame.bind(node.target.id, value)
    return value


def _starred(frame: Frame, node: ast.Starred) -> Value:
    return unpacking.items_of(frame, node.value, evaluate(frame, node.value))


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    frame.scopes.append({})
    for generator in node.generators:
        value = evaluate(frame, generator.iter)
        element = unpacking.items_of(frame, generator.iter, value)
        _bind_local(frame, generator.target, element)
        for condition in generator.ifs:
            truth(frame, condition)
    if isinstance(node, ast.DictComp):
        frame.escape(node.key, evaluate(frame, node.key), "query-stored")
        frame.escape(node.value, evaluate(frame, node.value), "query-stored")
        result: Value = PLAIN
    else:
        value = evaluate(frame, node.elt)
        frame.mention(node.elt, value)
        result = Plain(value) if _depth(value) <= 3 else PLAIN
    frame.scopes.pop()
    return result


def _bind_local(frame: Frame, target: ast.expr, value: Value) -> None:
    match target:
        case ast.Name(id=name):
            frame.scopes[-1][name] = value
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for inner, piece in zip(targets, unpacking.unpacked(frame, target, value, len(targets))):
                _bind_local(frame, inner, piece)
        case ast.Starred(value=inner):
            _bind_local(frame, inner, UNKNOWN)


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    given_by(frame, node)
    return UNKNOWN


def given_by(frame: Frame, node: ast.Lambda, first: Value = UNKNOWN) -> Value:
    """What calls of *node* give that pass *first*, and whatever else."""
    arguments = node.args
    for default in [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]:
        frame.escape(default, evaluate(frame, default), "query-stored")
    names = [a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)]
    frame.scopes.append({**dict.fromkeys(names, UNKNOWN), **{a.arg: first for a in arguments.args[:1]}})
    value = evaluate(frame, node.body)
    if queries_in(value) and frame.knowledge.form_choices.is_given(frame.module, node):
        unpacking.items_of(frame, node.body, value, needs_list=True)
    else:
        frame.escape(node.body, value, "query-escapes")
    frame.scopes.pop()
    return value


def _await(frame: Frame, node: ast.Await) -> Value:
    value = evaluate(frame, node.value)
    frame.escape(node.value, value, "query-escapes")
    return value if not queries_in(value) else UNKNOWN


def _yield(frame: Frame, node: ast.Yield) -> Value:
    if node.value is not None:
        value = evaluate(frame, node.value)
        frame.escape(node.value, value, "query-escapes")
        frame.yielded = join(frame.yielded, value if not queries_in(value) else UNKNOWN)
    return UNKNOWN


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Value:
    value = evaluate(frame, node.value)
    frame.yielded = join(frame.yielded, unpacking.items_of(frame, node.value, value))
    return UNKNOWN


_HANDLERS: dict[type, Callable[[Frame, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.JoinedStr: _joined_string,
    ast.IfExp: _conditional,
    ast.BoolOp: _boolean,
    ast.UnaryOp: operators.unary,
    ast.BinOp: operators.binary,
    ast.Compare: operators.compare,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.NamedExpr: _walrus,
    ast.Starred: _starred,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
