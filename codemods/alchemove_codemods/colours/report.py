"""What the ``async`` stage says of each function: its colour, and what forces a sync one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.colours.blocking import blocking
from alchemove_codemods.colours.decide import Colours
from alchemove_codemods.colours.parameters import mistyped
from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.colours.request_state import unread
from alchemove_codemods.colours.tasks import shared_sessions
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import reasons
from alchemove_codemods.rules.coroutines.blocking_call import blocking_call
from alchemove_codemods.rules.coroutines.parameter_type import parameter_type
from alchemove_codemods.rules.coroutines.session_in_tasks import session_in_tasks
from alchemove_codemods.rules.coroutines.unread_session import unread_session


def findings(colours: Colours) -> Iterator[Finding]:
    """One finding for each function that talks to the database, without tests that have nothing to change."""
    texts = reasons()
    for function in {**dict.fromkeys(colours.graph.talking), **dict.fromkeys(colours.enclosures)}:
        if isinstance(function.node, ast.Module):
            continue
        path = function.module.path
        line, column = function.module.source.place(function.node)
        if function in colours.keeping:
            runs = len(colours.plans[function].crossings) + len(colours.plans[function].assignments)
            message = (
                f"{function.name} keeps its sync session, with {runs} call{'' if runs == 1 else 's'} behind run_sync: "
                f"{colours.keeping.because[function].reason}"
            )
            yield Finding(path, line, column, "run-sync", "rewritten", None, message)
            continue
        if function in colours.coroutines:
            message = _what(function, colours.plans[function])
            yield Finding(path, line, column, "async-function", "rewritten", None, message)
            continue
        if (enclosure := colours.enclosures.get(function)) is not None:
            message = (
                f"{function.name} becomes a coroutine, and all of it runs inside run_sync: {enclosure.because.reason}"
            )
            yield Finding(path, line, column, "whole-body", "rewritten", None, message)
            continue
        if (outer := colours.enclosed.around(function)) is not None:
            message = f"{function.name} runs inside run_sync with {outer.name}"
            yield Finding(path, line, column, "whole-body", "rewritten", None, message)
            continue
        if runs := len(colours.testing.calls.get(function, ())):
            does = "awaits" if function in colours.testing.awaiting else "runs"
            message = f"{function.name} {does} {runs} coroutine{'' if runs == 1 else 's'}"
            yield Finding(path, line, column, "test-call", "rewritten", None, message)
            continue
        because = colours.sync[function]
        if because.reason == "test" and because.via is None:
            # Tests go on with their own session. What one of them keeps sync is named with the test.
            continue
        if because.reason == "skip-comment":
            yield Finding(path, line, column, "async-function", "skipped", None, "left as '# alchemove: skip' asks")
            continue
        declared, text = texts[because.reason]
        yield Finding(
            path, line, column, declared.name, "refused", because.reason, f"{text} [{colours.chain(function)}]"
        )


def pointed_out(colours: Colours) -> Iterator[Finding]:
    """What is worth a look: blocking calls, sessions that several tasks share, and what another driver does not take."""
    moved = {found.node for found in colours.moved}
    yield from (blocking_call(found) for found in blocking(colours) if found.node not in moved)
    yield from map(session_in_tasks, shared_sessions(colours))
    yield from map(parameter_type, mistyped(colours))
    yield from map(unread_session, unread(colours))


def _what(function: FunctionFacts, plan: Plan) -> str:
    text = f"{function.name} "
    text += "becomes a coroutine" if isinstance(function.node, ast.FunctionDef) else "awaits its session"
    crossings = len(plan.crossings)
    if crossings:
        text += f", with {crossings} call{'' if crossings == 1 else 's'} behind run_sync"
    if plan.discards is not None:
        text += ", and goes on dropping what it has not committed"
    kept = [why for why in plan.commits.values() if why is not None]
    if flushed := len(plan.commits) - len(kept):
        text += f", with {flushed} commit{'' if flushed == 1 else 's'} left to the end of the request"
    if plan.threads:
        text += f", with {len(plan.threads)} in a thread"
    return f"{text}; its commit() stays: {kept[0]}" if kept else text
