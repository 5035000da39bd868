"""What stays sync is run with `run_sync` where a coroutine needs it.

`AsyncSession.run_sync(f)` calls `f` with the sync session that is inside the AsyncSession, in the same transaction, and waits
for the database without blocking the event loop; lazy loading works in it. It is the boundary between coroutines
and functions that have to stay sync, and what becomes of a lazy load whose statement is not known.

    event = WebhookService(db).receive(body)
    event = await db.run_sync(lambda db: WebhookService(db).receive(body))

    tag = get_tag(db, name)                            tag = await db.run_sync(get_tag, name)

Methods that AsyncSession does not have (`query`, `bulk_save_objects`, ...) and calls of other libraries that are given the
session are run in the same way. A legacy Query is sent when it is gone through, so that is run there as well:

    for user in query:                                 for user in await db.run_sync(lambda _: query.all()):

An endpoint without a session of its own gets one as a parameter: FastAPI gives all
parameters of a request the same session.

An `async def` whose session has to stay a sync one, since functions that stay sync share it, goes on with that: of an AsyncSession
it is given the sync session inside. What uses it runs in `alchemove.run_sync`, which takes any function and works with any session.

    recipe = self.create_one(data)                     recipe = await run_sync(self.create_one, data)
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.colours.plans import Assignment, Crossing, Plan
from alchemove_codemods.colours.site import ITERATED
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File, validated


@rule(
    "run-sync",
    stage="async",
    reasons={
        "no-session": "this runs sync functions that need a session, and there is none here to run them with. Pass the "
        "session as a parameter",
        "cannot-move": "the expression awaits, yields, binds a name or calls super(), which means something else inside "
        "run_sync. Assign the parts to variables first",
        "awaited-inside": "a call with a sync function around it cannot be awaited there. Assign its result to a "
        "variable first",
        "deferred-outside-call": "a lambda or generator expression that talks to the database is kept for later. Use a "
        "function, or a list",
        "consumed-generator": "a sync generator that talks to the database is kept or gone through step by step, while the "
        "coroutine does something else. Make it return a list",
        "server-side-cursor": "`yield_per` and `stream_results` have rows fetched in portions while they are gone through. In "
        "a coroutine that is `async for row in await session.stream(...)`: write it so, or leave the option out",
        "implicit-call": "going through an object, or indexing it, calls a special method that talks to the database. Give "
        "it a method, and call that",
        "lazy-assignment": "assigning a collection loads what it replaces, and `+=` what it adds to, which has to be awaited "
        "before. Write it as a statement of its own, `name.attribute = value`, or load the attribute first",
    },
)
def run_sync(file: File, plan: Plan) -> None:
    """``f(db, x)`` → ``await db.run_sync(f, x)``; other expressions inside a lambda."""
    for crossing in plan.crossings:
        _cross(file, crossing)
    for assignment in plan.assignments:
        _assign(file, assignment)


def _cross(file: File, crossing: Crossing) -> None:
    source = file.module.source
    node = crossing.node
    direct = crossing.response is None and _is_direct(crossing)
    # A Query is sent when it is gone through, which is outside of run_sync.
    iterated = any(s.name == ITERATED and s.kind == "query" and s.node is node for s in crossing.sites)
    for renamed in crossing.renamed:
        if not direct and source.segment(renamed) != crossing.parameter:
            file.replace(renamed, crossing.parameter, "run-sync")
    for other in crossing.unwrapped:
        file.insert(source.end(other), ".sync_session", "run-sync")
    if direct and not iterated and not file.edits.has_joined(source.end(node)):
        assert isinstance(node, ast.Call)
        assert crossing.session is not None
        _run(file, node, crossing.session)
        return
    if crossing.session is None:
        _run_any(file, crossing, iterated=iterated)
        return
    validate = "{}" if crossing.response is None else validated(file, crossing.response)
    validate = _whole(node, validate) if iterated else validate
    file.wrap(
        node,
        lambda text: f"await {crossing.session}.run_sync(lambda {crossing.parameter}: {validate.format(text)})",
        "run-sync",
    )


def _assign(file: File, assignment: Assignment) -> None:
    """``o.name = value`` → ``await session.run_sync(lambda _: setattr(o, "name", value))``."""
    source, node = file.module.source, assignment.node
    target = node.targets[0]
    assert isinstance(target, ast.Attribute)
    start, end = source.start(node.value), source.end(node.value)
    place = f'{source.segment(target.value)}, "{target.attr}"'

    runner = file.imports.use("run_sync", "alchemove") if assignment.session is None else ""

    def text() -> str:
        value = file.edits.segment(start, end)
        if isinstance(node.value, ast.Tuple) and not value.startswith("("):
            value = f"({value})"
        if runner:
            inside = f"setattr, {place}, {value}" if assignment.apart else f"lambda: setattr({place}, {value})"
            return f"await {runner}({inside})"
        if assignment.apart:
            return f"await {assignment.session}.run_sync(lambda _, value: setattr({place}, value), {value})"
        return f"await {assignment.session}.run_sync(lambda _: setattr({place}, {value}))"

    file.edits.add(source.start(node), source.end(node), text, "run-sync")


def _run(file: File, node: ast.Call, session: str) -> None:
    """``f(session, x)`` → ``await session.run_sync(f, x)``."""
    source = file.module.source
    start, end = source.start(node), source.end(node)
    opening = source.text.index("(", source.end(node.func)) + 1

    def text() -> str:
        name, following = file.edits.segment(start, opening - 1), file.edits.segment(source.end(node.args[0]), end)
        rest = re.sub(r"^\s*,?\s*", "", following)
        return f"await {session}.run_sync({name}{rest if rest == ')' else ', ' + rest}"

    file.wrap_as(node, text, "run-sync")


def _whole(node: ast.expr, text: str) -> str:
    """*text*, a Query, as the list of what it gives."""
    plain = isinstance(node, (ast.Call, ast.Name, ast.Attribute, ast.Subscript))
    return f"{text}.all()" if plain else f"({text}).all()"


def _run_any(file: File, crossing: Crossing, *, iterated: bool) -> None:
    """``f(x)`` → ``await run_sync(f, x)``, whichever session *f* works with; other expressions in a lambda."""
    runner, source, node = file.imports.use("run_sync", "alchemove"), file.module.source, crossing.node
    if iterated:
        file.wrap(node, lambda text: f"await {runner}(lambda: {_whole(node, text)})", "run-sync")
        return
    continued = file.edits.has_joined(source.end(node))
    if continued or not (
        isinstance(node, ast.Call) and [s.node for s in crossing.sites] == [node] and _is_dotted(node.func)
    ):
        file.wrap(node, lambda text: f"await {runner}(lambda: {text})", "run-sync")
        return
    start, end = source.start(node), source.end(node)
    opening = source.text.index("(", source.end(node.func)) + 1

    def text() -> str:
        name, rest = file.edits.segment(start, opening - 1), file.edits.segment(opening, end)
        given = rest.lstrip()
        if given == ")":
            return f"await {runner}({name})"
        # Arguments that begin on a line of their own do so with the function before them.
        space = rest[: len(rest) - len(given)]
        return f"await {runner}({space}{name},{space or ' '}{given}"

    file.wrap_as(node, text, "run-sync")


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_direct(crossing: Crossing) -> bool:
    """Whether the crossing is ``f(session, ...)``, which ``run_sync(f, ...)`` says better."""
    match crossing.node:
        case ast.Call(func=function, args=[first, *_]) if (
            len(crossing.sites) == 1
            and crossing.sites[0].node is crossing.node
            and crossing.renamed == (first,)
            and not crossing.unwrapped
        ):
            return _is_dotted(function)
    return False
