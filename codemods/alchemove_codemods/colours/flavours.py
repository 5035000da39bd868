"""Which holders have an AsyncSession, which a Session."""

from __future__ import annotations

import ast
from collections.abc import Container
from typing import TYPE_CHECKING

from alchemove_codemods.colours.early import can_be_early
from alchemove_codemods.colours.holders import Edge, Holder
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.roots import Injection
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.values import NOTHING, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def asynchronous(colours: Colours) -> set[Holder]:
    """The holders that are fed by asynchronous sessions only."""
    used = _used_by_sync(colours)
    everything = {*colours.holders.into, *colours.holders.out, *colours.injected}
    broken = colours.requests.division(colours.sync).broken
    kept = {h for h, made in colours.injections.items() if any(i.function in broken for i in made)}
    found = {h for h in everything if h not in used and h not in kept and _may(colours, h)}
    changed = True
    while changed:
        changed = False
        for holder in list(found):
            into = colours.holders.into.get(holder, ())
            starved = (
                holder.where != "made"
                and holder not in colours.injected
                and (any(_is_sync(colours, e, found) for e in into) if into else not _is_free(colours, holder))
            )
            if starved or _given_to_sync(colours, holder, found) or on_threads(colours, holder, found, broken):
                found.discard(holder)
                changed = True
    return found


def unfollowed(colours: Colours) -> set[FunctionFacts]:
    """The endpoints that only keep a session from being asynchronous because it is not known what they do with it."""
    everything = {*colours.holders.into, *colours.holders.out, *colours.injected}
    used = _used_by_sync(colours)
    broken = colours.requests.division(colours.sync).broken
    return {
        endpoint
        for holder, made in colours.injections.items()
        if holder in everything and holder not in used and _may(colours, holder)
        if not any(i.function in broken for i in made)
        for endpoint in on_threads(colours, holder, colours.asynchronous, broken)
    }


def _given_to_sync(colours: Colours, holder: Holder, found: set[Holder]) -> bool:
    """Whether *holder* is the session of a dependency that gives it on, to somebody who needs a sync one."""
    owner = holder.owner
    if not isinstance(owner, FunctionFacts) or owner not in colours.roots.passing:
        return False
    if holder.where == "result":
        return any(e.target not in found for e in colours.holders.out.get(holder, ()))
    results = [e.target for e in colours.holders.out.get(holder, ()) if e.target == Holder("result", owner)]
    return any(result not in found for result in results)


def _is_free(colours: Colours, holder: Holder) -> bool:
    """Whether *holder* is a parameter that nothing fills: of a function that becomes a coroutine with what it calls."""
    owner = holder.owner
    return (
        holder.where == "parameter"
        and isinstance(owner, FunctionFacts)
        and owner in colours.coroutines
        and colours.apart.is_unnamed(owner)
    )


def _is_sync(colours: Colours, edge: Edge, found: set[Holder]) -> bool:
    """Whether *edge* hands over a sync session."""
    if colours.enclosed.ends(edge):
        return True
    return edge.source not in found and not colours.testing.wraps(edge)


def on_threads(
    colours: Colours, holder: Holder, found: set[Holder], broken: Container[FunctionFacts]
) -> list[FunctionFacts]:
    """The sync endpoints, none of those that are *broken*, that hand this session, or have it handed, to sync code that is called in no known way.

    They would run that code on a thread, where nothing awaits for it.
    """
    users = [i.function for i in colours.injections.get(holder, ())]
    if all(f in colours.coroutines or f in colours.enclosed for f in users):
        return []
    given = [e for f in users for e in colours.requests.endpoints_with(f, lambda f: _gives_rows(colours, f))]
    given = [e for e in given if e not in colours.coroutines and e not in colours.enclosed and e not in broken]
    if not given:
        return []
    seen, pending = {holder}, [holder]
    handing: set[FunctionFacts] = set()
    while pending:
        for edge in colours.holders.out.get(pending.pop(), ()):
            if edge.target not in found:
                handing.add(edge.function)
            elif edge.target not in seen:
                seen.add(edge.target)
                pending.append(edge.target)
    if holder.where == "attribute":
        # The attribute of a class-based view goes where the methods hand it that an endpoint calls.
        return [e for e in given if not handing.isdisjoint(colours.graph.reached([e]))]
    return given if handing else []


def _gives_rows(colours: Colours, function: FunctionFacts) -> bool:
    """Whether the coroutine *function* gives mapped objects: it uses the session itself, and does not hand it on."""
    if function not in colours.coroutines:
        return False
    models = colours.knowledge.models
    returned = [n.value for n in own_nodes(function) if isinstance(n, ast.Return) and n.value is not None]
    return bool(returned) and all(
        part == NOTHING or (isinstance(part, Instance) and not isinstance(part.cls, str) and models.is_mapped(part.cls))
        for node in returned
        for part in parts(colours.graph.value(function, node))
    )


def prune(colours: Colours) -> None:
    """What only passes a session on to sync holders gets the sync session already."""
    awaiting = {
        holder
        for function in colours.coroutines
        for site in colours.graph.sites.get(function, ())
        if site.session is not None
        for holder in colours.holders.of(function, site.session)
    }
    crossed = _crossed(colours)
    changed = True
    while changed:
        changed = False
        for holder in list(colours.asynchronous):
            owner = holder.owner
            if holder in colours.injected or holder in awaiting or owner in colours.coroutines:
                continue
            if holder in crossed:
                continue
            targets = [e.target in colours.asynchronous for e in colours.holders.out.get(holder, ())]
            if targets and not any(targets):
                colours.asynchronous.discard(holder)
                changed = True


def _crossed(colours: Colours) -> set[Holder]:
    """The holders whose AsyncSession coroutines write to run something with it, or to take the sync one out of it."""
    found: set[Holder] = set()
    for function, made in colours.plans.items():
        written = {made.discards, *(c.session for c in made.crossings), *(a.session for a in made.assignments)}
        written |= {v.session for v in made.validations} | {a.session for a in made.afterwards}
        for crossing in made.crossings:
            for node in (*crossing.renamed, *crossing.unwrapped):
                found.update(colours.holders.of(function, node))
        names = {session.rpartition(".")[2] for session in written if session is not None and "." in session}
        if names and function.owner is not None:
            family = set(colours.knowledge.models.family(function.owner).classes)
            found |= {
                h for h in colours.asynchronous if h.where == "attribute" and h.name in names and h.owner in family
            }
    return found


def convertible(colours: Colours, injection: Injection) -> bool:
    """Whether an injected session can be the request's AsyncSession."""
    runs_on_the_loop = injection.function in colours.coroutines or injection.function in colours.enclosed
    if not runs_on_the_loop and (injection.function in colours.graph.talking or injection.function in colours.sync):
        return False
    if not can_be_early(colours, injection.function) or not can_import_sessions(colours, injection.function.module):
        return False
    return replaceable(colours, injection) and colours.sameness.difference(injection.provider) is None


def replaceable(colours: Colours, injection: Injection) -> bool:
    """Whether the dependency only opens, hands out and closes a session, and is called in the plain way."""
    plain = len(injection.call.args) == 1 and not injection.call.keywords
    if not plain or colours.providers.end(injection.provider) is None:
        return False
    provider, watch = injection.provider, colours.providers.watch(injection.provider)
    if provider is None or watch is None:
        return True
    return can_import_sessions(colours, provider.module) and colours.preparing.suits(provider, watch)


def can_import_sessions(colours: Colours, module: ModuleFacts) -> bool:
    """Whether *module* can import the session module, which does not import it in turn, as for an engine."""
    if colours.layer is None or colours.layer.module is module:
        return True
    return module.path not in colours.knowledge.program.graph.loaded(colours.layer.module.path)


def _used_by_sync(colours: Colours) -> set[Holder]:
    """The holders whose session a sync function uses itself, for more than what an AsyncSession does in the same way."""
    return {
        holder
        for function, sites in colours.graph.sites.items()
        if function not in colours.coroutines
        for site in sites
        if site.session is not None
        if site.kind != "io" or how(site.name) != "plain" or function in colours.sync or function in colours.keeping
        for holder in colours.holders.of(function, site.session)
        if not colours.enclosed.keeps(function, holder) and not helps_a_view(colours, function, holder)
    }


def helps_a_view(colours: Colours, function: FunctionFacts, holder: Holder) -> bool:
    """Whether *function* is a method of a class-based view that its endpoints run, and *holder* the session of the view.

    What is sync of it runs inside ``run_sync``, and has the sync session inside of that one.
    """
    if holder.where != "attribute" or holder not in colours.injections or colours.is_root(function):
        return False
    family = colours.knowledge.models.family(function.owner).classes if function.owner is not None else ()
    return holder.owner in family and function.name != "__init__"


def _may(colours: Colours, holder: Holder) -> bool:
    if holder.where == "made":
        block = colours.opened.blocks.get(holder.owner)  # type: ignore[call-overload]
        return block is not None and block.function in colours.coroutines
    if holder.where == "global":
        return False
    owner = holder.owner
    if holder in colours.injected:
        return all(convertible(colours, injection) for injection in colours.injections[holder])
    if not isinstance(owner, FunctionFacts) or owner.name == "__init__":
        return True
    return owner not in colours.sync and owner not in colours.keeping
