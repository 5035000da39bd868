"""Statements: how values flow through the body of a function, branch by branch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import (
    definitions,
    gone_through,
    handover,
    parameters,
    persistence,
    query_classes,
)
from alchemove_codemods.analysis.annotations import annotated
from alchemove_codemods.analysis.elements import row_of
from alchemove_codemods.analysis.expressions import evaluate, truth
from alchemove_codemods.analysis.frame import Carried, Frame
from alchemove_codemods.analysis.interruptions import interruption, may_swallow
from alchemove_codemods.analysis.unpacking import assign, entered, items_of
from alchemove_codemods.facts import FunctionFacts, is_generator
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    TEXT,
    UNKNOWN,
    External,
    Mixed,
    Paginated,
    Plain,
    Query,
    Row,
    Value,
    is_text,
    parts,
    queries_in,
)

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

Env = dict[str, Value]


def interpret(knowledge: Knowledge, function: FunctionFacts) -> None:
    """Interpret *function* once with what is known now, and leave its records and summaries."""
    frame = Frame(knowledge, function, cls=function.owner)
    try:
        if isinstance(function.node, ast.Module):
            block(frame, function.node.body)
            return
        knowledge.program.open(function)
        parameters.bind(frame)
        body = getattr(function.node, "body", [])
        block(frame, body)
        if frame.env is not None and not isinstance(frame.result, type(BOTTOM)):
            frame.result = join(frame.result, NOTHING)
        elif frame.env is not None:
            frame.result = NOTHING
    except RecursionError:
        knowledge.records[function] = {}
        knowledge.unsettled.add(function)
        return
    for name, value in frame.seen.items():
        knowledge.write("closure", function, name, value)
    knowledge.cross(frame.result, function)
    if frame.env is None:
        frame.env = {}
    frame.annotation(getattr(function.node, "returns", None), frame.result)
    if not is_generator(function.node):
        knowledge.write("returns", function, "", handover.given_back(frame, frame.result))
    if not isinstance(frame.yielded, type(BOTTOM)):
        knowledge.write("yields", function, "", frame.yielded)
    for inner in function.inner:
        knowledge.require(inner)


# blocks ------------------------------------------------------------------------------------------------------------


def block(frame: Frame, body: list[ast.stmt]) -> None:
    """Interpret *body* in order."""
    for node in body:
        if frame.env is None:
            # Unreachable code is interpreted all the same, or its sites would go unreported; behind ``with`` it may be reached.
            frame.env, frame.unreached = frame.unreached or {}, None
        statement(frame, node)


def merge(*envs: Env | None) -> Env | None:
    """The variables after several paths meet."""
    reachable = [env for env in envs if env is not None]
    if not reachable:
        return None
    merged: Env = dict(reachable[0])
    for env in reachable[1:]:
        if env is reachable[0]:
            continue
        for name, value in env.items():
            known = merged.get(name)
            if known is not value:
                merged[name] = value if known is None else join(known, value)
    return merged


def meet(frame: Frame, *envs: Env | None) -> None:
    """Go on with the variables of several paths that meet."""
    frame.env = merged = merge(*envs)
    if frame.carried is not None and merged is not None:
        for env in envs:
            if env is not None and len(env) < len(merged):
                frame.carried.partly.update(merged.keys() - env.keys())


def copied(env: Env | None) -> Env | None:
    """A copy for a branch."""
    return None if env is None else dict(env)


def statement(frame: Frame, node: ast.stmt) -> None:
    """Interpret one statement."""
    match node:
        case ast.Expr(value=value):
            evaluate(frame, value)
        case ast.Assign(targets=targets, value=value):
            result = evaluate(frame, value)
            if isinstance(result, Query) and value in gone_through.right_away(frame.function.node):
                result = _run(frame, value, result)
            for target in targets:
                assign(frame, target, result, value)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            annotated_assign(frame, target, annotation, value)
        case ast.AugAssign():
            augmented(frame, node)
        case ast.Return(value=value):
            result = evaluate(frame, value) if value is not None else NOTHING
            if value is not None and queries_in(result) and frame.knowledge.form_choices.is_listed(frame.function):
                result = Plain(items_of(frame, value, result, needs_list=True))
            if value is not None:
                frame.mention(value, result)
                for page in parts(result):
                    if isinstance(page, Paginated):
                        frame.escape(value, page, "pagination-inspected")
                        frame.knowledge.pages.setdefault(page.component, {})[frame.function] = None
                result = persistence.handed_out(frame, value, result)
            frame.result = join(frame.result, result)
            if frame.exits is not None and frame.env is not None:
                frame.exits.append(frame.env)
            frame.env = None
        case ast.If(test=test, body=body, orelse=orelse):
            truth(frame, test)
            start = frame.env
            narrowed = copied(start)
            frame.env = narrowed
            narrow(frame, test, True)
            block(frame, body)
            after = frame.env
            frame.env = copied(start)
            narrow(frame, test, False)
            block(frame, orelse)
            meet(frame, after, frame.env)
        case (
            ast.For(target=target, iter=iterable, body=body, orelse=orelse)
            | ast.AsyncFor(target=target, iter=iterable, body=body, orelse=orelse)
        ):
            items = items_of(frame, iterable, evaluate(frame, iterable))
            element = persistence.items_in_turn(frame, node, items)
            loop(frame, body, orelse, lambda: assign(frame, target, element(), None))
        case ast.While(test=test, body=body, orelse=orelse):
            loop(frame, body, orelse, lambda: truth(frame, test))
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            before = copied(frame.env) if frame.knowledge.dynamic is not None else None
            start = copied(frame.env)
            with interruption(frame, body) as anywhere:
                for item in items:
                    inner = entered(frame, item.context_expr, evaluate(frame, item.context_expr))
                    if item.optional_vars is not None:
                        assign(frame, item.optional_vars, inner, None)
                block(frame, body)
            if any(may_swallow(item.context_expr) for item in items):
                meet(frame, frame.env, anywhere(start))
            elif frame.env is None:
                frame.unreached = anywhere(start)
            persistence.left(frame, node, before)
        case ast.Try() as attempt:
            attempted(frame, attempt)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            definitions.function(frame, node)
        case ast.ClassDef():
            definitions.class_(frame, node)
        case ast.Import() | ast.ImportFrom():
            definitions.import_(frame, node)
        case ast.Raise(exc=exc, cause=cause):
            for part in (exc, cause):
                if part is not None:
                    frame.escape(part, evaluate(frame, part), "query-escapes")
            frame.env = None
        case ast.Assert(test=test, msg=msg):
            truth(frame, test)
            if msg is not None:
                frame.escape(msg, evaluate(frame, msg), "query-as-text")
            narrow(frame, test, True)
        case ast.Delete(targets=targets):
            for target in targets:
                if isinstance(target, ast.Name):
                    frame.bind(target.id, UNKNOWN)
                else:
                    evaluate(frame, target)
        case ast.Break():
            if frame.env is not None:
                frame.breaks.append(frame.env)
            frame.env = None
        case ast.Continue():
            if frame.env is not None:
                frame.continues.append(frame.env)
            frame.env = None
        case ast.Match(subject=subject, cases=cases):
            matched(frame, subject, cases)


def narrow(frame: Frame, test: ast.expr, outcome: bool) -> None:
    """Use what ``x is None``, ``x is not None`` and ``not x`` say about a variable."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            narrow(frame, operand, not outcome)
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ):
            is_none = isinstance(op, ast.Is) == outcome
            value = frame.env.get(name) if frame.env is not None else None
            if isinstance(value, Mixed) and frame.env is not None:
                left = [v for v in value.values if (v == NOTHING) == is_none or (is_none and v == UNKNOWN)]
                joined: Value = BOTTOM
                for item in left:
                    joined = join(joined, item)
                frame.env[name] = joined if left else value
        case ast.Name(id=name) if outcome:
            value = frame.env.get(name) if frame.env is not None else None
            if isinstance(value, Mixed) and frame.env is not None and NOTHING in value.values and not queries_in(value):
                joined = BOTTOM
                for item in value.values:
                    if item != NOTHING:
                        joined = join(joined, item)
                frame.env[name] = joined
        case ast.BoolOp(op=ast.And(), values=values) if outcome:
            for inner in values:
                narrow(frame, inner, True)


def loop(frame: Frame, body: list[ast.stmt], orelse: list[ast.stmt], head: object) -> None:
    """Interpret a loop until its variables do not change any more."""
    assert callable(head)
    outer, around = (frame.breaks, frame.continues), frame.carried
    frame.breaks, frame.continues = [], []
    before = copied(frame.env)
    for _ in range(6):
        start = copied(frame.env)
        carried = frame.carried = Carried()
        head()
        block(frame, body)
        again = merge(start, frame.env, *frame.continues)
        stable = again == start or _repeats(start, again, carried)
        frame.env = again
        carried.within(around)
        if stable:
            break
    frame.carried = around
    head()
    breaks = frame.breaks
    frame.breaks, frame.continues = outer
    meet(frame, before, frame.env)
    block(frame, orelse)
    meet(frame, frame.env, *breaks)


def _repeats(start: Env | None, again: Env | None, carried: Carried) -> bool:
    """Whether a pass that starts with *again* comes to the same as the one that started with *start*.

    So it is if nothing has changed but that there are variables more, and what was read of those was assigned in the same pass.
    """
    if start is None or again is None:
        return False
    return not carried.is_seen(again.keys() - start.keys()) and all(again[name] == start[name] for name in start)


def attempted(frame: Frame, node: ast.Try) -> None:
    """``try``: a handler can start from any point of the body, ``finally`` from any point of what stands before it."""
    start = copied(frame.env)
    before_last = [*node.body, *node.orelse, *(s for handler in node.handlers for s in handler.body)]
    with interruption(frame, before_last) as at_last:
        with interruption(frame, node.body) as anywhere:
            block(frame, node.body)
        done = copied(frame.env)
        block(frame, node.orelse)
        ends = [copied(frame.env)]
        for handler in node.handlers:
            meet(frame, copied(start), done, anywhere(start))
            persistence.interrupted(frame, start)
            if handler.type is not None:
                evaluate(frame, handler.type)
            if handler.name:
                frame.bind(handler.name, PLAIN)
            block(frame, handler.body)
            ends.append(frame.env)
    meet(frame, *ends)
    after = frame.env
    if node.finalbody:
        meet(frame, start, after, at_last(start))
        persistence.interrupted(frame, start)
        block(frame, node.finalbody)
        if after is None:
            frame.env = None
        else:
            frame.env = after if frame.env is not None else None
            if frame.env is not None:
                block(frame, node.finalbody)
        return
    frame.env = after


def matched(frame: Frame, subject: ast.expr, cases: list[ast.match_case]) -> None:
    """``match``: every case starts from the same point; none may apply."""
    value = evaluate(frame, subject)
    frame.escape(subject, value, "query-escapes")
    start = copied(frame.env)
    ends = [copied(start)]
    for case in cases:
        frame.env = copied(start)
        for inner in ast.walk(case.pattern):
            name = getattr(inner, "name", None) or getattr(inner, "rest", None)
            if isinstance(name, str):
                frame.bind(name, UNKNOWN)
        if case.guard is not None:
            truth(frame, case.guard)
        block(frame, case.body)
        ends.append(frame.env)
        if case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
            ends = ends[1:]
    meet(frame, *ends)


def _run(frame: Frame, node: ast.expr, query: Query) -> Value:
    """What *query* gives where it is run at once, since it is gone through next; itself if that is something else."""
    if {"yield_per", "dynamic"} & query.state.may or query_classes.overrides(frame.knowledge, query, "__iter__"):
        return query
    return Plain(items_of(frame, node, query))


# assignments -----------------------------------------------------------------------------------------------------


def annotated_assign(frame: Frame, target: ast.expr, annotation: ast.expr, value: ast.expr | None) -> None:
    """``name: T = value``: the more precise of the two."""
    promised = annotated(frame.knowledge, frame.module, annotation, frame.function.owner)
    result = evaluate(frame, value) if value is not None else None
    if result is None:
        if promised is not None:
            assign(frame, target, promised, None)
        return
    frame.annotation(annotation, result)
    if promised is not None and not queries_in(result) and result in (UNKNOWN, BOTTOM, NOTHING):
        result = promised
    assign(frame, target, result, value)


def augmented(frame: Frame, node: ast.AugAssign) -> None:
    """``x += value``: a list grows by the items of a query; otherwise as the binary operator."""
    target, value = node.target, node.value
    result = evaluate(frame, value)
    current = evaluate(frame, target) if isinstance(target, ast.Name) else UNKNOWN
    if queries_in(result):
        if isinstance(current, Plain) or (
            isinstance(current, Mixed) and all(isinstance(v, Plain) for v in current.values)
        ):
            # ``counts |= rows`` takes a result that has keys for a mapping.
            keyed = isinstance(node.op, ast.BitOr) and any(
                isinstance(row_of(frame, q), Row) for q in queries_in(result)
            )
            element = items_of(frame, value, result, needs_list=keyed)
            current = join(current, Plain(element))
        else:
            frame.escape(value, result, "query-escapes")
    elif is_text(current) and is_text(result):
        current = TEXT
    elif isinstance(current, Plain) and isinstance(result, Plain):
        current = Plain(join(current.of, result.of)) if current.of is not None and result.of is not None else PLAIN
    elif isinstance(current, External):
        current = UNKNOWN
    frame.escape(target, current, "query-escapes")
    if isinstance(target, ast.Name):
        frame.bind(target.id, current)
    else:
        evaluate(frame, target.value) if isinstance(target, (ast.Attribute, ast.Subscript)) else None
