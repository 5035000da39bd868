"""From where an object is changed to where that is committed: in the function itself, in what it calls, or in its callers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from alchemove_codemods.colours.candidates import from_roots
from alchemove_codemods.colours.changes import Change, Changes
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.rereads import Rereads, statement_of
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LONGEST = 6


@dataclass(frozen=True, slots=True, eq=False)
class Committed:
    """The ``change``, as it is seen in the function of the ``commit`` that comes after it; ``read`` is what is read later (None: anything).

    ``commit`` is one of the session, or the call of a function that commits. ``lifted`` says that another function made the change.
    """

    change: Change
    commit: Site
    read: frozenset[str] | None
    lifted: bool = False

    @property
    def attrs(self) -> frozenset[str] | None:
        """What is changed and read."""
        if self.change.attrs is None:
            return self.read
        return self.change.attrs if self.read is None else self.change.attrs & self.read


_Seen = dict[tuple[tuple[object, ...], int], tuple[Committed, ...]]
"""The commits of a change after a number of calls."""


class Traces:
    """Answers for one program."""

    def __init__(self, colours: Colours, changes: Changes, rereads: Rereads) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._changes = changes
        self._rereads = rereads

    def all(self) -> Iterator[Committed]:
        """What is changed by what requests and coroutines run, committed, and read after that."""
        reached = from_roots(self._colours)
        seen: _Seen = {}
        for module in self._graph.knowledge.program.loaded():
            for function in [f for f in module.functions.values() if f in reached]:
                for change in (*self._changes.of(function), *self._inline(function)):
                    yield from self._of(change, 0, seen)

    def _inline(self, function: FunctionFacts) -> Iterator[Change]:
        """New objects that *function* gives to what commits them: ``save(db, Item(**data))``."""
        for site in self._graph.sites.get(function, ()):
            for target in site.targets if site.kind == "call" else ():
                if target in self._rereads.committing.functions and isinstance(site.node, ast.Call):
                    for parameter in target.parameters:
                        given = passed(target, parameter.arg, site.node)
                        if isinstance(given, ast.Call):
                            for cls, attrs in self._changes.constructed(function, given):
                                yield Change(target, None, parameter.arg, attrs, cls, made=True)

    def _of(self, change: Change, depth: int, seen: _Seen) -> Sequence[Committed]:
        """The commits of *change*, after *depth* calls; *seen* are those found before, since thousands of ways may lead up to one function."""
        if depth > _LONGEST:
            return ()
        key = (_compared(change), depth)
        if key not in seen:
            seen[key] = _distinct(self._found(change, depth, seen))
        return seen[key]

    def _found(self, change: Change, depth: int, seen: _Seen) -> Iterator[Committed]:
        made_elsewhere = change.made and not change.name
        commit = None if made_elsewhere else self._rereads.commit(change)
        if commit is None:
            for lifted in self._lifted(change):
                yield from self._of(lifted, depth + 1, seen)
            return
        found = Committed(change, commit, self._rereads.after(change, commit), lifted=depth > 0)
        if commit.kind == "call" and self._must_be_inside(found, list(self._within(change, commit))):
            yield from self._inside(change, commit, depth, seen)
        elif found.attrs is None or found.attrs:
            yield found

    def inside(self, found: Committed) -> list[Committed]:
        """*found* as it is seen in what its commit calls, where that is given the object; empty if the commit is no call."""
        return list(self._inside(found.change, found.commit, 0, {})) if found.commit.kind == "call" else []

    def _inside(self, change: Change, commit: Site, depth: int, seen: _Seen) -> Iterator[Committed]:
        for entered in self._within(change, commit):
            yield from self._of(entered, depth + 1, seen)

    def _must_be_inside(self, found: Committed, within: list[Change]) -> bool:
        """Whether there is no place behind the call that commits, or the object is read before that."""
        if not within:
            return False
        statement = found.change.function.module.source.statement_around(found.commit.node)
        if not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)) or statement.value is not found.commit.node:
            return True
        for change in within:
            commit = self._rereads.commit(change)
            if commit is not None and commit.kind == "io":
                inside = self._rereads.inside(change, commit)
                if inside is None or (inside & change.attrs if change.attrs is not None else inside):
                    return True
        return False

    def _within(self, change: Change, commit: Site) -> Iterator[Change]:
        """The same as it is seen in the functions that *commit* calls, which are given the object."""
        for target in commit.targets:
            if target not in self._rereads.committing.functions:
                continue
            for parameter in target.parameters:
                given = passed(target, parameter.arg, commit.node) if isinstance(commit.node, ast.Call) else None
                if isinstance(given, ast.Name) and given.id == change.name:
                    yield replace(change, function=target, statement=None, name=parameter.arg, value=None)

    def _lifted(self, change: Change) -> Iterator[Change]:
        """The same as it is seen in the callers: of what they pass, and what they are given."""
        function = change.function
        parameters = {p.arg for p in function.parameters}
        returned = (change.made and not change.name) or any(
            isinstance(n, ast.Return) and isinstance(n.value, ast.Name) and n.value.id == change.name
            for n in own_nodes(function)
        )
        for site in self._graph.callers.get(function, ()):
            statement = statement_of(site)
            if statement is None or not isinstance(site.node, ast.expr):
                continue
            there = change.there or _is_assigned_for_sure(change)
            seen = replace(change, function=site.function, statement=statement, value=None, there=there)
            if change.name in parameters:
                given = passed(function, change.name, site.node)
                if isinstance(given, ast.Name):
                    yield replace(seen, name=given.id)
            if returned:
                yield from self._given_back(seen, site, statement)
            elif change.name not in parameters and not change.made:
                # The caller may hold the same object.
                yield replace(seen, name="")

    def _given_back(self, seen: Change, site: Site, statement: ast.stmt) -> Iterator[Change]:
        """The change of what the call *site* gives back."""
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if value is site.node:
                yield replace(seen, name=name)
            case ast.Return(value=value) if value is site.node:
                yield replace(seen, name="")


def _compared(change: Change) -> tuple[object, ...]:
    """What two changes have in common that come to the same."""
    return tuple(getattr(change, field.name) for field in fields(change))


def _distinct(found: Iterable[Committed]) -> tuple[Committed, ...]:
    """*found* in its order, without those that say what another one says."""
    kept: dict[tuple[object, ...], Committed] = {}
    for each in found:
        kept.setdefault((_compared(each.change), each.commit, each.read, each.lifted), each)
    return tuple(kept.values())


def _is_assigned_for_sure(change: Change) -> bool:
    """Whether an attribute of the object was assigned on all ways through its function."""
    match change.statement:
        case ast.Assign(targets=[ast.Attribute()]) | ast.AugAssign(target=ast.Attribute()):
            return change.function.module.source.parents.get(change.statement) is change.function.node
    return change.made
