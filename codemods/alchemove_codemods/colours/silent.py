"""Statements that change rows without telling the objects of the session, and the classes of these rows."""

from __future__ import annotations

import ast
from functools import cached_property

from alchemove_codemods.analysis.declared import is_false
from alchemove_codemods.colours import textual
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.sources import Sources
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import suites, walk
from alchemove_codemods.values import Class, Instance, parts

_RUNNING = frozenset({"execute", "exec", "scalars", "scalar"})
_REPLACING = ("on_conflict_do_update", "on_duplicate_key_update")
"""What makes an INSERT change rows that are there."""


class Silent:
    """Answers for one program."""

    def __init__(self, graph: Graph, sources: Sources) -> None:
        self._graph = graph
        self._sources = sources

    def is_silent(self, site: Site) -> bool:
        """Whether *site* changes rows without telling their objects."""
        if not isinstance(site.node, ast.Call):
            return False
        if site.kind == "query":
            return last_name(site.node.func) in ("update", "delete") and _unsynchronised(site.node)
        if site.kind != "io" or site.name not in _RUNNING | {"bulk_update_mappings"}:
            return False
        if site.name == "bulk_update_mappings":
            return True
        # What is not known is a SELECT far more often; only a DML of the same function counts.
        return any(self._changes(site, call) for call in self._begun(site) or ())

    def classes(self, function: FunctionFacts) -> frozenset[ClassFacts] | None:
        """The mapped classes whose rows *function* changes silently; None if that may be any."""
        found: set[ClassFacts] = set()
        models = self._graph.knowledge.models
        for site in self._graph.sites.get(function, ()):
            if not self.is_silent(site):
                continue
            begun = self._begun(site) if site.kind == "io" and site.name in _RUNNING else None
            changing = [c for c in begun or () if self._changes(site, c)]
            entities = [c.args[0] if c.args else None for c in changing]
            values = [v for e in entities for v in parts(self._graph.value(function, e))]
            classes = [v.facts for v in values if isinstance(v, Class) and models.is_mapped(v.facts)]
            if not changing or len(classes) != len(values) or len(values) < len(changing):
                return None
            found.update(c for cls in classes for c in (cls, *models.ancestors(cls), *models.subclasses(cls)))
        return frozenset(found)

    def is_committed_there(self, function: FunctionFacts) -> bool:
        """Whether *function*, which changes rows silently, commits these changes itself, on all ways that do not raise."""
        silent = [site for site in self._graph.sites.get(function, ()) if self.is_silent(site)]
        return not is_generator(function) and all(self._is_followed(site) for site in silent)

    def _is_followed(self, site: Site) -> bool:
        """Whether a commit, as a statement of its own and in no loop, comes behind *site* for certain."""
        commits = {s.node for s in self._graph.sites[site.function] if s.kind == "io" and s.name == "commit"}
        for run in _behind(site):
            committing = [isinstance(s, ast.Expr) and s.value in commits for s in run]
            if True in committing:
                passed = run[: committing.index(True)]
                return not any(isinstance(n, ast.Return) for s in passed for n in walk(s))
        return False

    def _begun(self, site: Site) -> list[ast.Call] | None:
        assert isinstance(site.node, ast.Call)
        begun = self._sources.of(site.function, site.node.args[0] if site.node.args else None)
        return None if begun is None else list(begun)

    def _changes(self, site: Site, call: ast.Call) -> bool:
        if call in self._replacing:
            return True
        match last_name(call.func):
            case "update" | "delete":
                entity = call.args[0] if call.args else None
                values = list(parts(self._graph.value(site.function, entity)))
                mapped = bool(values) and all(isinstance(v, (Class, Instance)) for v in values)
                return not mapped or _unsynchronised(site.function.node)
            case "text":
                return textual.changes_rows(site.function, call.args[0] if call.args else None)
        return False

    @cached_property
    def _replacing(self) -> frozenset[ast.Call]:
        """The calls that begin an INSERT which may change rows that are there: ``insert(User)`` of any dialect."""
        program = self._graph.knowledge.program
        found: set[ast.Call] = set()
        for path in program.mentioning(*(name.encode() for name in _REPLACING)):
            module = program.module(path)
            for function in (module.body, *module.functions.values()) if module is not None else ():
                for node in walk(function.node):
                    if isinstance(node, ast.Call) and last_name(node.func) in _REPLACING:
                        found.update(self._sources.of(function, node) or ())
        return frozenset(found)


def _behind(site: Site) -> list[list[ast.stmt]]:
    """What *site* is in, with the statements behind that in the same suite, from the inside out; what is in a loop left out."""
    parents, node = site.function.module.source.parents, site.function.node
    below: ast.AST = site.node
    found: list[list[ast.stmt]] = []
    while below is not node:
        holder = parents[below]
        if isinstance(holder, (ast.For, ast.AsyncFor, ast.While)):
            found.clear()
        found += [
            suite[suite.index(below) :] for suite in suites(holder) if isinstance(below, ast.stmt) and below in suite
        ]
        below = holder
    return found


def _unsynchronised(node: ast.AST) -> bool:
    """Whether ``synchronize_session=False`` stands in *node*."""
    for inner in walk(node):
        match inner:
            case ast.keyword(arg="synchronize_session", value=value) if is_false(value):
                return True
            case ast.Dict(keys=keys, values=values):
                options = zip(keys, values)
                if any(
                    isinstance(k, ast.Constant) and k.value == "synchronize_session" and is_false(v) for k, v in options
                ):
                    return True
    return False
