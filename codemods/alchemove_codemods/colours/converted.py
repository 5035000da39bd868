"""Values that the database gives back as another type, where they are read after a commit.

``recipe.image = randint(0, 255)``, where the column has texts, gives ``"249"`` after a commit of the sync session, which reads the
object again, and ``249`` with an AsyncSession, which keeps what it was given. An int in a column of texts becomes the text that
it is read as, which asyncpg would not take otherwise; what the drivers convert is named in a ``refresh()`` behind the commit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.graph import Site
from alchemove_codemods.colours.kinds import Kinds
from alchemove_codemods.colours.loads.expired import is_loaded
from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.colours.loads.scopes import given, loop_around, own_nodes
from alchemove_codemods.colours.rereads import LETTING_GO, Change, Rereads, statement_of
from alchemove_codemods.colours.roots import default_of
from alchemove_codemods.colours.unfinished import starts_a_line
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.trees import suites
from alchemove_codemods.values import Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_TAKEN = frozenset(
    {
        *(("int", "float"), ("Decimal", "float"), ("bool", "float")),
        *(("int", "Decimal"), ("float", "Decimal"), ("int", "bool"), ("bool", "int")),
        *(("datetime", "date"), ("naive datetime", "date"), ("aware datetime", "date"), ("date", "datetime")),
        *(("naive datetime", "aware datetime"), ("date", "aware datetime")),
    }
)
"""What asyncpg takes for a column as well as psycopg2 does: the type of the value, and of the column."""


@dataclass(frozen=True, slots=True, eq=False)
class Cure:
    """What is done about a change: the ``text`` that its value becomes, or the ``refresh`` of ``attr`` behind the commit."""

    change: Change
    text: ast.expr | None = None
    refresh: Refresh | None = None


class Converted:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._kinds = Kinds(colours.graph)
        self._rereads = Rereads(colours.graph)
        self._found: dict[FunctionFacts, tuple[Change | Cure, ...]] = {}

    def of(self, function: FunctionFacts) -> tuple[Change | Cure, ...]:
        """What is done about the changes of *function* that are read after a commit; the bare change where nothing can be."""
        if function not in self._found:
            self._found[function] = tuple(self._cured(function)) if self._colours.behind.expires else ()
        return self._found[function]

    def left(self, function: FunctionFacts) -> Change | None:
        """A change of *function* that nothing can be done about; None if there is none."""
        editable = self._colours.editable(function)
        for found in self.of(function):
            match found:
                case Change():
                    return found
                case Cure(change=change) if not editable:
                    return change
        return None

    @cached_property
    def sticking(self) -> frozenset[FunctionFacts]:
        """The functions that cannot be run with an AsyncSession: nothing can be done about a change that they, or what they call, make."""
        callers = self._colours.graph.callers
        found = {f for f in self._rereads.committing if self.left(f) is not None}
        pending = list(found)
        while pending:
            fresh = {s.function for s in callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def _cured(self, function: FunctionFacts) -> Iterator[Change | Cure]:
        if not any(s.kind in ("io", "call") for s in self._colours.graph.sites.get(function, ())):
            return
        for change in self._changes(function):
            commit = self._rereads.commit(change)
            if commit is None or not self._rereads.is_read(change, commit):
                continue
            if change.column == "str" and change.kinds == {"int"} and change.sole and self._is_only(change, commit):
                yield Cure(change, text=change.value)
            elif all((kind, change.column) in _TAKEN for kind in change.kinds if kind != change.column):
                refresh = self._refresh(change, commit)
                yield Cure(change, refresh=refresh) if refresh is not None else change
            else:
                yield change

    # changes -------------------------------------------------------------------------------------------------------

    def _changes(self, function: FunctionFacts) -> Iterator[Change]:
        for node in own_nodes(function):
            match node:
                case (
                    ast.Assign(targets=[ast.Attribute(value=ast.Name() as name, attr=attr)], value=value)
                    | ast.AnnAssign(
                        target=ast.Attribute(value=ast.Name() as name, attr=attr), value=ast.expr() as value
                    )
                ):
                    classes = self._classes(function, name, attr)
                    for cls in dict.fromkeys(classes):
                        yield from self._change(function, node, name, attr, value, cls, sole=len(set(classes)) == 1)
                case ast.Assign(targets=[ast.Name() as name], value=ast.Call(func=made, keywords=keywords)) if keywords:
                    values = list(parts(self._colours.graph.value(function, made)))
                    for cls in [v.facts for v in values if isinstance(v, Class) and self._is_plain(v.facts)]:
                        for each in keywords:
                            if each.arg is not None:
                                sole, value = len(values) == 1, each.value
                                yield from self._change(function, node, name, each.arg, value, cls, sole=sole)

    def _change(
        self,
        function: FunctionFacts,
        node: ast.stmt,
        name: ast.Name,
        attr: str,
        value: ast.expr,
        cls: ClassFacts,
        *,
        sole: bool,
    ) -> Iterator[Change]:
        models = self._colours.knowledge.models
        attribute = models.attribute(cls, attr) if models.is_mapped(cls) else None
        column = self._kinds.of_column(attribute) if attribute is not None else None
        if attribute is None or column is None or self._is_validated(cls, attr):
            return
        if self._kinds.changes(function, value, attribute):
            yield Change(function, node, name, attr, value, cls, self._kinds.of(function, value), column, sole)

    def _classes(self, function: FunctionFacts, name: ast.Name, attr: str) -> list[ClassFacts]:
        """The mapped classes that *name* may be an object of: those that flow there, or the one that it is annotated with."""
        knowledge = self._colours.knowledge
        values = parts(self._colours.graph.value(function, name))
        found = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
        if any(knowledge.models.attribute(c, attr) is not None for c in found):
            return found
        # What a repository for any model gives is known by its base only.
        annotations = [
            n.annotation
            for n in own_nodes(function)
            if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name) and n.target.id == name.id
        ]
        named = [knowledge.static(function.module, a) for a in annotations]
        return [v.facts for v in named if isinstance(v, Class)]

    def _is_plain(self, cls: ClassFacts) -> bool:
        models = self._colours.knowledge.models
        return models.is_mapped(cls) and all("__init__" not in c.members for c in models.ancestors(cls))

    def _is_validated(self, cls: ClassFacts, attr: str) -> bool:
        """Whether a method of *cls* may make something else of the value first."""
        return any(
            isinstance(d, ast.Call) and any(isinstance(a, ast.Constant) and a.value == attr for a in d.args)
            for c in self._colours.knowledge.models.ancestors(cls)
            for n in c.node.body
            if isinstance(n, ast.FunctionDef)
            for d in n.decorator_list
        )

    def _is_only(self, change: Change, commit: Site) -> bool:
        """Whether the value is an int for sure, and nothing but the commit comes before it is read."""
        function = change.function
        source, parents = function.module.source, function.module.source.parents
        named = {*function.module.bindings, *local_names(function.node), *(p.arg for p in function.parameters)}
        if "str" in named or not self._is_sure(function, change.value):
            return False
        below: ast.AST = change.statement
        last: ast.AST | None = statement_of(commit)
        while below is not function.node and last is not None:
            holder = parents[below]
            for suite in suites(holder):
                if below in suite and last in suite and suite.index(last) > suite.index(below):
                    return not any(
                        isinstance(n, (ast.Return, ast.Raise, ast.Break, ast.Continue))
                        or (isinstance(n, ast.Attribute) and n.attr == change.attr and isinstance(n.ctx, ast.Load))
                        or (isinstance(n, ast.Name) and n.id == change.name.id and not self._is_harmless(change, n))
                        for n in own_nodes(function)
                        if hasattr(n, "lineno") and source.end(change.statement) <= source.start(n) < source.start(last)
                    )
            if isinstance(holder, (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.If)):
                below = holder
            else:
                return False
        return False

    def _is_harmless(self, change: Change, node: ast.Name) -> bool:
        """Whether the object *node* is used for another column only, or given to the session."""
        function, models = change.function, self._colours.knowledge.models
        match function.module.source.parents.get(node):
            case ast.Attribute(attr=name, ctx=ctx):
                column = models.attribute(change.cls, name)
                return not isinstance(ctx, ast.Load) or (column is not None and column.kind == "column")
            case ast.Call(func=ast.Attribute(value=session), args=[first]) if first is node:
                return self._colours.graph.is_session(function, session)
        return False

    def _is_sure(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is what it is proved to be on all ways."""
        match node:
            case ast.Constant() | ast.Call() | ast.BinOp():
                return True
            case ast.Name():
                found = given(function, function.module.source.parents, node)
                if len(found) == 1 and found[0].kind == "value" and found[0].node is not None:
                    return not isinstance(found[0].node, ast.Name) and self._is_sure(function, found[0].node)
                # FastAPI has seen to it, but to what it is without being given.
                parameters = [p for p in function.parameters if p.arg == node.id]
                if function not in self._colours.roots.endpoints or len(found) != 1 or not parameters:
                    return False
                required = _is_required(default_of(function, parameters[0]))
                return required and isinstance(parameters[0].annotation, ast.Name)
        return False

    def _refresh(self, change: Change, commit: Site) -> Refresh | None:
        """The refresh of the attribute behind *commit*, if the object is in the session there."""
        function, node, statement = change.function, commit.node, statement_of(commit)
        if not isinstance(node, ast.Call) or not isinstance(statement, ast.Expr) or commit.kind != "io":
            return None
        if not isinstance(node.func, ast.Attribute) or not starts_a_line(function, statement):
            return None
        source = function.module.source
        rest = source.text[source.end(statement) :].split("\n", 1)[0].strip()
        if rest and not rest.startswith("#"):
            return None
        if any(s.kind == "io" and s.name in LETTING_GO for s in self._colours.graph.sites.get(function, ())):
            return None
        if len(given(function, source.parents, change.name)) != 1:
            return None
        if loop_around(function, change.statement) is not loop_around(function, statement):
            return None
        refresh = Refresh(function, change.name.id, node.func.value, statement, node, "commit")
        refreshes = self._colours.loads.origins.refreshes
        made = isinstance(change.statement, ast.Assign) and isinstance(change.statement.targets[0], ast.Name)
        if refreshes.is_persistent(refresh):
            return refresh
        base = change.name
        target = source.parents.get(base)
        if made or not isinstance(target, ast.Attribute) or not refreshes.is_there(refresh):
            return None
        return refresh if is_loaded(self._colours.loads.origins, function, target) else None


def _is_required(default: ast.expr | None) -> bool:
    """Whether a parameter with that *default* cannot be ``None``: it has none, a number, or the ``...`` of ``Query(...)``."""
    match default:
        case None | ast.Constant(value=int()):
            return True
        case ast.Call(args=[ast.Constant(value=given)]):
            return given is ...
    return False
