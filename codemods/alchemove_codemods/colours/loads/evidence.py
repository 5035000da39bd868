"""What a recording of lazy loads adds to what the program says: which statement loaded the object that was read.

A recording shows what the tests ran, and not all that can happen. So the statement that it names loads what was read, and
the read itself stays where something may be loaded (``run_sync``), unless the program proves that nothing has to be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.loads.expired import refreshable
from alchemove_codemods.colours.loads.loading import Loading, Lost
from alchemove_codemods.colours.loads.models_read import Required
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.loads.statements import Statements, one_class
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts
from alchemove_codemods.lazy_recording import Place, Recorded

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_RUNNING = frozenset({"scalars", "scalar", "execute", "exec", "get", "get_one"})
_ENDING = frozenset({"all", "first", "one", "one_or_none"})
_READING = (ast.Call, ast.JoinedStr, ast.For, ast.comprehension, ast.Return, ast.Subscript)
_LOST = {"deferred": "not-loadable", "dynamic": "not-loadable", "expired": "server-value"}


class Evidence:
    """The *recorded* lazy loads of one program.

    ``required`` is what the statements have to load, by a site of its own for each place that read; ``lost`` says of the
    others why nothing can be added. ``expired`` are the places that read what a commit expired, with where it can be refreshed.
    """

    def __init__(self, colours: Colours, origins: Origins, recorded: Iterable[Recorded]) -> None:
        self._colours = colours
        self._together = origins.together
        self.required: dict[Site, list[Required]] = {}
        self.lost: dict[Site, Lost] = {}
        self.expired: dict[Site, Loading] = {}
        for each in recorded:
            module = self._module(each.place)
            function = self._function(module, each.place) or module.body if module is not None else None
            # What queries a dynamic relationship is no statement that could be left out.
            if module is None or function is None or is_test(function) or each.queried:
                continue
            (dotted, name) = each.path[-1]
            node = self._node(function, each.place.line, name)
            site = Site("lazy", node, function, f"{dotted.rpartition('.')[2]}.{name}")
            if each.kind == "expired" and not each.partly:
                # Expired as a whole: a commit does that, and it does not with an AsyncSession.
                place = refreshable(colours, origins, function, node)
                if place is not None:
                    self.expired[site] = place
                continue
            try:
                self.required[site] = self._requirements(module, function, each, node)
            except Lost as lost:
                self.lost[site] = lost

    def _module(self, place: Place) -> ModuleFacts | None:
        found = [m for m in self._colours.knowledge.program.loaded() if place.is_in(m.path)]
        return max(found, key=lambda m: len(m.path)) if found else None

    def _function(self, module: ModuleFacts, place: Place) -> FunctionFacts | None:
        """The innermost function of that name around the line; one without a name of its own belongs to what is around."""
        around = [
            f
            for f in module.functions.values()
            if _first(f) <= place.line <= (getattr(f.node, "end_lineno", None) or 0)
            and not isinstance(f.node, ast.Lambda)
            and (f.name == place.function or place.function.startswith("<"))
        ]
        if around:
            return max(around, key=_first)
        return module.body if place.function.startswith("<") else None

    def _node(self, function: FunctionFacts, line: int, name: str | None = None) -> ast.expr:
        """The expression to report: what reads the attribute *name*, or else what stands first on the *line*."""
        lines = [n for n in function.module.source.nodes if isinstance(n, ast.expr) and n.lineno == line]
        found: ast.expr | None = next((n for n in lines if isinstance(n, ast.Attribute) and n.attr == name), None)
        if found is None and lines:
            found = min(lines, key=lambda n: (n.col_offset, -(n.end_col_offset or 0)))
        if found is None:
            found = ast.Name(function.name, ast.Load(), lineno=getattr(function.node, "lineno", 1), col_offset=0)
        return found

    def _requirements(
        self, module: ModuleFacts, function: FunctionFacts, each: Recorded, node: ast.expr
    ) -> list[Required]:
        entity = self._class(each.path[0][0])
        if entity is None or not self._agrees(module, each) or not self._has(entity, each):
            raise Lost("other-version", function, node)
        if each.kind != "relationship":
            raise Lost(_LOST.get(each.kind, "recorded-statement"), function, node)
        if each.origin is None:
            raise Lost("new-object", function, node)
        way = tuple(name for _, name in each.path)
        return [Required(loading, (way,)) for loading in self._loadings(function, node, each.origin, entity)]

    def _agrees(self, module: ModuleFacts, each: Recorded) -> bool:
        """Whether the line is still one that can read the attribute."""
        function = self._function(module, each.place)
        if function is None:
            return False
        if each.place.line <= _header(function):
            return True  # what FastAPI reads after an endpoint is recorded for its first line
        statements = [
            n
            for n in own_nodes(function)
            if isinstance(n, ast.stmt) and n.lineno <= each.place.line <= (n.end_lineno or n.lineno)
        ]
        return (
            any(
                isinstance(n, _READING) or (isinstance(n, ast.Attribute) and n.attr == each.path[-1][1])
                for n in ast.walk(statements[-1])
            )
            if statements
            else False
        )

    def _class(self, dotted: str) -> ClassFacts | None:
        """The mapped class that is called *dotted* when the application runs."""
        package, _, name = dotted.rpartition(".")
        wanted = package.replace(".", "/")
        models = self._colours.knowledge.models
        found = [
            cls
            for module in self._colours.knowledge.program.loaded()
            for cls in module.classes.values()
            if cls.name == name and models.is_mapped(cls)
        ]
        exact = [
            c for c in found if f"/{c.module.path.removesuffix('.py').removesuffix('/__init__')}".endswith(f"/{wanted}")
        ]
        return (exact or found)[0] if len(exact or found) == 1 else None

    def _has(self, cls: ClassFacts, each: Recorded) -> bool:
        """Whether the attributes that were read exist."""
        models = self._colours.knowledge.models
        at: ClassFacts | None = cls
        for _, name in each.path:
            attribute = models.attribute(at, name) if at is not None else None
            if attribute is None:
                # Deferred columns that are loaded together have their names in one.
                return each.kind != "relationship" and at is not None
            at = attribute.target
        return True

    def _loadings(self, reader: FunctionFacts, node: ast.expr, origin: Place, entity: ClassFacts) -> Iterator[Loading]:
        module = self._module(origin)
        function = self._function(module, origin) if module is not None else None
        if module is None or function is None:
            raise Lost("recorded-statement", reader, node)
        calls = [
            s.node
            for s in self._colours.graph.sites.get(function, ())
            if s.kind == "io"
            and s.name in _RUNNING
            and isinstance(s.node, ast.Call)
            and s.node.args
            and s.node.lineno <= origin.line <= (s.node.end_lineno or 0)
        ]
        queries = [
            s.node.func.value
            for s in self._colours.graph.sites.get(function, ())
            if s.kind == "query"
            and isinstance(s.node, ast.Call)
            and isinstance(s.node.func, ast.Attribute)
            and s.node.func.attr in _ENDING
            and s.node.lineno <= origin.line <= (s.node.end_lineno or 0)
        ]
        found = [loading for call in calls for loading in self._loaded_by(function, call, entity)]
        found += [loading for query in queries for loading in self._selected_by(function, query, entity)]
        runs = self._together.running(reader)
        near = [x for x in found if any(x.function in run for run in runs)]
        if not near:
            raise Lost("recorded-statement", function, self._node(function, origin.line))
        yield from near

    def _loaded_by(self, function: FunctionFacts, call: ast.Call, entity: ClassFacts) -> Iterator[Loading]:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("get", "get_one"):
            if one_class(self._colours, function, call.args[0]) is entity:
                yield Loading(function, call, call.args[0], function, entity, (), (), single=True)
            return
        yield from self._selected_by(function, call.args[0], entity)

    def _selected_by(self, function: FunctionFacts, node: ast.expr, entity: ClassFacts) -> Iterator[Loading]:
        for statement in Statements(self._colours).of(function, node):
            for argument in statement.elements:
                if one_class(self._colours, statement.function, argument) is entity:
                    yield Loading(
                        statement.placed, statement.place, argument, statement.function, entity,
                        (), (), single=False, statement=statement,
                    )  # fmt: skip


def _first(function: FunctionFacts) -> int:
    """The first line of *function*, where its decorators begin."""
    lines = [d.lineno for d in function.decorators]
    return min([*lines, getattr(function.node, "lineno", 0)])


def _header(function: FunctionFacts) -> int:
    """The last line before the body of *function*."""
    body = getattr(function.node, "body", None)
    if isinstance(function.node, ast.Module) or not isinstance(body, list):
        return 0
    return int(max(body[0].lineno - 1, getattr(function.node, "lineno", 0)))
