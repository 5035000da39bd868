"""Which functions may become coroutines, looked at one by one; the rest is decided together in :mod:`.takebacks`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from alchemove_codemods.colours import flavours
from alchemove_codemods.colours.colour import Sync, named
from alchemove_codemods.colours.contexts import Contexts
from alchemove_codemods.colours.driver import Driver
from alchemove_codemods.colours.early import can_be_early
from alchemove_codemods.colours.forced import Forced, forced, is_test
from alchemove_codemods.colours.generators import delegates, is_generator
from alchemove_codemods.colours.held_locks import HeldLocks
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.own_loops import OwnLoops
from alchemove_codemods.colours.two_sessions import TwoSessions
from alchemove_codemods.colours.unreached import NOT_REACHED, called_by
from alchemove_codemods.colours.unresolved import Unresolved
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_Labels = Mapping[str, Callable[[FunctionFacts], str | None]]
"""Reasons to stay sync, each with what tells whether a function has it: the label of what it names."""


def candidates(colours: Colours) -> tuple[set[FunctionFacts], dict[FunctionFacts, Sync]]:
    """The functions that may become coroutines, and why each of the others stays sync."""
    talking = colours.graph.talking
    reached = from_roots(colours)
    reached |= _beside(colours, reached)
    reached |= _unnamed(colours, reached)
    overridden = colours.overrides.unknown(colours.writable, standing_in=not colours.execs)
    labels: _Labels = {
        "two-sessions": TwoSessions(colours).label,
        "unknown-dependency": Unresolved(colours).label,
        "driver-connection": Driver(colours.graph).label,
        "context-variable": Contexts(colours.graph, colours.roots.dependencies).label,
        "event-loop": OwnLoops(colours.graph).label,
        "thread-lock": HeldLocks(colours.graph).label,
    }
    found: set[FunctionFacts] = set()
    sync: dict[FunctionFacts, Sync] = {}
    # In the order of the text, so that of several explanations of the same the same one is given each time.
    for function in sorted(talking, key=lambda f: f.place):
        because = _stays(colours, function, reached, overridden, labels)
        if because is None:
            found.add(function)
        else:
            sync[function] = Sync(because.reason, because.label)
    return found, sync | called_by(colours.graph, sync)


def _stays(
    colours: Colours,
    function: FunctionFacts,
    reached: set[FunctionFacts],
    overridden: frozenset[FunctionFacts],
    labels: _Labels,
) -> Forced | None:
    if (because := untouchable(colours, function) or forced(colours.knowledge, function)) is not None:
        return because
    if function not in reached:
        return Forced(NOT_REACHED, named(function))
    can_be_asynchronous = (
        not delegates(function) if colours.is_root(function) else _can_be_asynchronous(colours, function)
    )
    if is_generator(function) and not can_be_asynchronous:
        return Forced("generator", f"generator {named(function)}")
    for injection in colours.roots.injections.get(function, ()):
        held = colours.holders.injected(injection)
        if held in colours.injected and not flavours.replaceable(colours, injection):
            return Forced("custom-dependency", named(injection.provider or function))
        if held in colours.injected and not flavours.can_import_sessions(colours, function.module):
            return Forced("circular-import", f"{named(function)} in {function.module.path}")
        if held in colours.injected and not can_be_early(colours, function):
            return Forced("generator-dependency", named(function))
        if held in colours.injected and (different := colours.sameness.difference(injection.provider)) is not None:
            return Forced("other-sessions", f"{named(injection.provider or function)}: {different}")
        if held in colours.injected and injection.provider in overridden:
            return Forced("overridden-dependency", named(injection.provider or function))
    for reason, label_of in labels.items():
        if (label := label_of(function)) is not None:
            return Forced(reason, label)
    if function in colours.opened.functions and colours.opened.replaced is not None:
        return Forced("replaced-opener", colours.opened.replaced)
    if (place := colours.faked.place(function)) is not None and not isinstance(function.node, ast.AsyncFunctionDef):
        return Forced("faked", place)
    if (because := _wrapped(colours, function)) is not None:
        return because
    if colours.uses.is_promised(function):
        return Forced("unfollowed-calls", named(function))
    if not isinstance(function.node, ast.AsyncFunctionDef) and not colours.uses.closed(function):
        return Forced("unfollowed-calls", named(function))
    return None


def _can_be_asynchronous(colours: Colours, function: FunctionFacts) -> bool:
    """Whether the generator *function*, and what overrides it, can all become asynchronous in the same way."""
    kinds = {colours.graph.generators.kind(member) for member in colours.graph.overriding(function)}
    return isinstance(function.node, ast.AsyncFunctionDef) or (len(kinds) == 1 and None not in kinds)


def _wrapped(colours: Colours, function: FunctionFacts) -> Forced | None:
    """Why the decorators around *function*, or the one that it is the wrapper of, keep it sync."""
    wrapping = colours.uses.wrapping
    if function in wrapping.unknown and not isinstance(function.node, ast.AsyncFunctionDef):
        return Forced("unknown-wrapper", named(wrapping.unknown[function]))
    for wrapper in (function, *wrapping.around(function)):
        if (found := wrapping.wrappers.get(wrapper)) is None:
            continue
        for other in found.around:
            if other not in colours.graph.talking:
                return Forced("mixed-decorator", f"{named(found.decorator)} around {named(other)}")
    return None


def untouchable(colours: Colours, function: FunctionFacts) -> Forced | None:
    """Why the file or a comment in it keeps *function* as it is."""
    module = function.module
    if module in colours.broken:
        return Forced("internal-error", colours.broken[module])
    if colours.targets is not None and module.path not in colours.targets:
        return Forced("outside-paths", f"{named(function)} in {module.path}")
    if {0, getattr(function.node, "lineno", 0)} & module.source.skipped:
        return Forced("skip-comment", named(function))
    if colours.layer is None and colours.is_root(function) and function not in colours.requests.providers:
        return Forced("no-session-layer", named(function))
    return None


def from_roots(colours: Colours) -> set[FunctionFacts]:
    """What is called, through whatever, from endpoints, dependencies and coroutines."""
    pending = [f for f in colours.graph.sites if colours.is_root(f) or isinstance(f.node, ast.AsyncFunctionDef)]
    found = set(pending)
    while pending:
        at = pending.pop()
        targets = [t for site in colours.graph.sites.get(at, ()) for t in site.targets]
        for target in (*targets, *colours.uses.wrapping.around(at)):
            if target not in found:
                found.add(target)
                pending.append(target)
    return found


def _beside(colours: Colours, reached: set[FunctionFacts]) -> set[FunctionFacts]:
    """What only tests and one another call: methods of classes whose other methods are reached, and functions that use the session that an object has for others."""
    talking = colours.graph.talking
    used = {f.owner for f in talking if f in reached and f.owner is not None}
    family = colours.knowledge.models.family
    found = {
        f for f in talking if f not in reached and f.owner is not None and not used.isdisjoint(family(f.owner).classes)
    }
    shared = {h for f in reached for h in _in_objects(colours, f)}
    found |= {
        f for f in talking if f not in reached and f.owner is None and not shared.isdisjoint(_in_objects(colours, f))
    }
    changed = True
    while changed:
        called = {
            f
            for f in found
            if not all(is_test(s.function) or s.function in found for s in colours.graph.callers.get(f, ()))
        }
        found -= called
        changed = bool(called)
    return found


def _unnamed(colours: Colours, reached: set[FunctionFacts]) -> set[FunctionFacts]:
    """What nothing names, and what that calls, where it would hold a function that is *reached* back: whatever it becomes, nobody has to await it."""
    talking = colours.graph.talking
    given = {h.owner for h in colours.holders.out if h.where == "parameter"} | colours.roots.injections.keys()
    found: set[FunctionFacts] = set()
    for function in talking - reached:
        if function in given and colours.apart.is_unnamed(function):
            called = {f for f in colours.graph.reached([function]) if f in talking}
            found |= called - reached if not called.isdisjoint(reached) else set()
    return found


def _in_objects(colours: Colours, function: FunctionFacts) -> set[Holder]:
    """The attributes of objects that hold a session which *function* uses: ``ctx.db``."""
    sessions = [s.session for s in colours.graph.sites.get(function, ()) if isinstance(s.session, ast.Attribute)]
    return {h for node in sessions for h in colours.holders.of(function, node) if h.where == "attribute"}
