"""What takes a candidate back: each step gives coroutines that cannot be one as things stand, and why.

:class:`~alchemove_codemods.colours.decide.Colours` runs the steps until none of them finds anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from alchemove_codemods.colours.colour import Sync, named
from alchemove_codemods.colours.comprehensions import becomes_a_list
from alchemove_codemods.colours.crossings import plan
from alchemove_codemods.colours.flavours import helps_a_view
from alchemove_codemods.colours.generators import consumer, is_generator
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.unreached import NOT_REACHED
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

Taken: TypeAlias = Iterator[tuple[FunctionFacts, Sync]]


def called_from_sync(colours: Colours) -> Taken:
    """A coroutine needs callers that await it."""
    for function in colours.coroutines:
        if isinstance(function.node, ast.AsyncFunctionDef):
            continue
        for site in colours.graph.callers.get(function, ()):
            if site.function in colours.coroutines or colours.testing.runs(site):
                continue
            if not colours.divided.calls_copy(site, function):
                yield function, Sync(_reason(colours, site.function), "", site.function)
                break


def families(colours: Colours) -> Taken:
    """A method and what overrides it have one colour."""
    for function in colours.coroutines:
        for member in colours.graph.overriding(function):
            because = colours.sync.get(member) or colours.keeping.because.get(member)
            if because is not None:
                yield function, Sync(because.reason, "", member)
                break


def wrapped(colours: Colours) -> Taken:
    """A wrapper that a decorator makes has the colour of everything that the decorator is around."""
    for wrapper in colours.uses.wrapping.wrappers.values():
        together = (wrapper.function, *wrapper.around)
        other = next((f for f in together if f not in colours.coroutines), None)
        for function in together if other is not None else ():
            if function in colours.coroutines:
                yield function, Sync("mixed-decorator", "", other)


def generators(colours: Colours) -> Taken:
    """An asynchronous generator needs consumers that wait for its items."""
    for function in colours.coroutines:
        kind = colours.graph.generators.kind(function)
        if kind is None or colours.is_root(function):
            continue
        for site in colours.graph.callers.get(function, ()):
            if consumer(colours.graph, site, kind) is None:
                line, _ = site.function.module.source.place(site.node)
                yield function, Sync("generator", f"{named(function)} ({site.function.module.path}:{line})")
                break


def deferred(colours: Colours) -> Taken:
    """What a lambda or a generator expression calls cannot be awaited there."""
    for function in colours.coroutines:
        for site in colours.graph.callers.get(function, ()):
            if site.kind == "property" or (site.deferred is not None and not becomes_a_list(colours.graph, site)):
                yield function, Sync("deferred", f"deferred call in {named(site.function)}", None)
                break


def sessions(colours: Colours) -> Taken:
    """Functions that use one holder have one colour; a coroutine uses asynchronous ones only."""
    users: dict[Holder, list[tuple[FunctionFacts, Site]]] = {}
    for function, sites in colours.graph.sites.items():
        for site in sites:
            if site.session is not None and site.kind == "io" and how(site.name) != "plain":
                for holder in colours.holders.of(function, site.session):
                    if colours.enclosed.keeps(function, holder):
                        continue
                    if function not in colours.coroutines and helps_a_view(colours, function, holder):
                        continue
                    users.setdefault(holder, []).append((function, site))
    for holder, found in users.items():
        other = next((f for f, _ in found if f not in colours.coroutines), None)
        for function, _ in found:
            if function not in colours.coroutines:
                continue
            if other is not None:
                yield function, Sync(_reason(colours, other), "", other)
            elif holder not in colours.asynchronous:
                source = _sync_source(colours, holder)
                yield function, Sync("sync-session", source, None)


def handed_out(colours: Colours) -> Taken:
    """A generator that opens a session and gives what holds it opens an asynchronous one only if all who have it await."""
    for call, block in colours.opened.blocks.items():
        if block.function in colours.coroutines and is_generator(block.function):
            for holder in colours.holders.reached([Holder("made", call)]):
                if holder not in colours.asynchronous:
                    yield block.function, Sync("sync-session", _sync_source(colours, holder), None)
                    break


def requests(colours: Colours) -> Taken:
    """The functions that share the session of a request have one colour."""
    for function, culprit in colours.requests.division(colours.sync).broken.items():
        if function in colours.coroutines or function in colours.enclosed:
            yield function, Sync("shared-request", "", culprit)


def enclosed(colours: Colours) -> Taken:
    """What runs as a whole inside ``run_sync`` needs an AsyncSession to run with."""
    yield from colours.enclosed.without_session()


def keeping(colours: Colours) -> Taken:
    """A coroutine that keeps a sync session has to be able to run everything in ``run_sync`` that uses it."""
    yield from colours.keeping.hindered()


def crossings(colours: Colours) -> Taken:
    """A coroutine that runs sync functions needs a session to run them with."""
    # Several may be in the way of one function: the first in the text is named, not the first in memory.
    for function in sorted(colours.coroutines, key=lambda f: f.place):
        if (obstacle := plan(colours, function).obstacle) is not None:
            reason, node = obstacle
            line, _ = function.module.source.place(node)
            because = Sync(reason, f"{named(function)} ({function.module.path}:{line})")
            inside = _called_at(colours, function, node) if reason == "awaited-inside" else ()
            for target in inside or (function,):
                yield target, because


def divided(colours: Colours) -> Taken:
    """What has a sync version runs it as a whole, or is copied there, and hands its session to nothing that needs an asynchronous one."""
    shared = colours.requests.division(colours.sync).divided
    called = colours.divided.called
    for function, culprit in {**called, **shared}.items():
        copied = function in colours.coroutines and colours.divided.is_copied(function)
        if function in colours.coroutines and not copied:
            # Its callees are called from a sync function from then on.
            yield function, Sync("sync-endpoint", "", culprit)
        elif copied and (targets := colours.divided.called_by_copy(function)):
            for target in targets:
                yield target, Sync("sync-endpoint", "", function)
        elif strays := colours.divided.strays(function):
            for stray in strays:
                yield stray, Sync("unfollowed-calls", named(stray))
        elif (
            colours.divided.is_mixed(function)
            or colours.enclosed.is_more(function)
            or function in colours.keeping
            or (function in colours.enclosed and function in called and not colours.divided.can_be_split(function))
        ):
            colours.divided.refuse(function)
            yield function, Sync("shared-request" if function in shared else _reason(colours, culprit), "", culprit)


def _reason(colours: Colours, function: FunctionFacts) -> str:
    why = (colours.sync, colours.keeping.because, colours.enclosed.because)
    because = next((found[function] for found in why if function in found), None)
    return because.reason if because is not None else NOT_REACHED


def _sync_source(colours: Colours, holder: Holder) -> str:
    """Where the sync session of *holder* comes from."""
    seen = {holder}
    pending = [holder]
    while pending:
        at = pending.pop()
        for edge in colours.holders.into.get(at, ()):
            if edge.source not in seen and edge.source not in colours.asynchronous:
                seen.add(edge.source)
                pending.append(edge.source)
            if edge.source.where == "made":
                line, _ = edge.function.module.source.place(edge.node)
                return f"session made at {edge.function.module.path}:{line}"
        if at.where in ("made", "global"):
            return f"session {at.name or 'made here'}"
    return f"session {holder.name}"


def _called_at(colours: Colours, function: FunctionFacts, node: ast.AST) -> tuple[FunctionFacts, ...]:
    """The functions that the call *node* may reach, if they could stay sync."""
    for site in colours.graph.sites.get(function, ()):
        if site.node is node and not any(isinstance(t.node, ast.AsyncFunctionDef) for t in site.targets):
            return site.targets
    return ()


STEPS: tuple[Callable[[Colours], Taken], ...] = (
    called_from_sync,
    families,
    wrapped,
    generators,
    deferred,
    requests,
    sessions,
    handed_out,
    enclosed,
    keeping,
    crossings,
    divided,
)
