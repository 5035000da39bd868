"""Criteria behind a union: they have to name the alias of the compound, which is bound where it is made.

``select(user_alias := aliased(User, union(a, b).subquery())).where(user_alias.name == "ed")``
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.records import Step
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, local_names
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.values import Class, Entity, Module, Sql, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.rewrite.chain import Chain

WRAPPING = frozenset(
    {"union", "union_all", "intersect", "intersect_all", "except_", "except_all", "from_self", "select_entity_from"}
)
_NUMBERS = frozenset(
    {
        "limit",
        "offset",
        "slice",
        "execution_options",
        "yield_per",
        "populate_existing",
        "autoflush",
        "with_for_update",
        "params",
        "paginate",
        "first_or_404",
        "one_or_404",
    }
)
_NEEDING_ENTITY = frozenset(
    {"filter", "where", "filter_by", "order_by", "group_by", "having", "join", "outerjoin", "options", "distinct"}
)
_OPTIONS = frozenset(
    {"joinedload", "selectinload", "subqueryload", "lazyload", "load_only", "defer", "undefer", "raiseload", "noload"}
)
_SCOPED = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.ClassDef)
# A statement or a subquery of its own in the criteria: Query adapts parts of those, too.
_INNER = frozenset(
    {"select", "query", "exists", "any", "has", "subquery", "scalar_subquery", "aliased", "of_type", "Query"}
)


@dataclass(slots=True, eq=False)
class Aliasing:
    """What follows the last wrapping step of a chain, and the places in it that name the entity."""

    chain: Chain
    step: Step
    later: list[Step]
    entity: ClassFacts | None
    references: list[ast.expr]
    moved: list[Step]

    @property
    def name(self) -> str | None:
        """The name of the alias, None if nothing names the entity."""
        if not self.references or self.entity is None:
            return None
        return self.chain.file.fresh(f"{_snake(self.entity.name)}_alias", self.step.node)

    def follows(self, step: Step) -> bool:
        """Whether *step* comes after the wrapping one."""
        return step in self.later

    def check(self, step: Step) -> None:
        """Raise :exc:`Refused` unless *step* means the same with the entity renamed."""
        if not isinstance(step.node, ast.Call) or not (step.node.args or step.node.keywords) or step.method in _NUMBERS:
            return
        if self.entity is None or step.method not in _NEEDING_ENTITY:
            raise Refused("criteria-after-set", step.method)
        if step.method == "filter_by" and {"join", "select_from"} & self.step.before.state.may:
            raise Refused("criteria-after-set", "filter_by")
        arguments = [*step.node.args, *(k.value for k in step.node.keywords)]
        inner = [n for a in arguments for n in ast.walk(a)]
        if any(
            (isinstance(n, ast.Call) and last_name(n.func) in _INNER)
            or (isinstance(n, ast.Attribute) and n.attr == "__table__")
            for n in inner
        ):
            raise Refused("criteria-after-set", step.method)
        if step.method == "options" and not all(
            isinstance(a, ast.Call)
            and last_name(a.func) in _OPTIONS
            and not isinstance(getattr(a.func, "value", None), ast.Call)
            for a in arguments
        ):
            # Further options in a chain may name the class where it means the related objects.
            raise Refused("criteria-after-set", step.method)
        if step.method != "filter_by":
            self._check_references(step, arguments)
        if self.references and _scoped(self.chain):
            raise Refused("criteria-after-set", "comprehension")

    def _check_references(self, step: Step, arguments: list[ast.expr]) -> None:
        if any(
            isinstance(a, (ast.Constant, ast.JoinedStr))
            and not (isinstance(a, ast.Constant) and a.value in (None, False))
            for a in arguments
        ):
            raise Refused("criteria-after-set", step.method)
        for argument, value in zip(arguments, step.values):
            named = [r for r in self.references if any(r is n for n in ast.walk(argument))]
            if isinstance(argument, ast.Constant):
                continue
            for part in parts(value):
                if not isinstance(part, (Sql, Class, Entity)):
                    raise Refused("criteria-after-set", step.method)
                if isinstance(part, Sql) and part.kind == "option":
                    if not named:
                        raise Refused("criteria-after-set", step.method)
                    continue
                owners = part.owners if isinstance(part, Sql) else frozenset()
                about = any((isinstance(o, Class) and o.facts is self.entity) for o in owners)
                if (isinstance(part, Sql) and (part.opaque or part.kind in ("select", "text", "exists"))) or (
                    about and not named
                ):
                    raise Refused("criteria-after-set", step.method)
                targets = [part.target] if isinstance(part, Sql) and part.kind == "relationship" else [part]
                if any(self._is_relative(v, itself=True) for v in targets) or any(
                    self._is_relative(v, itself=False) for v in owners
                ):
                    raise Refused("criteria-after-set", step.method)

    def _is_relative(self, value: Value | None, *, itself: bool) -> bool:
        """Whether *value* is an alias of the entity, or a class that shares a table with it; the entity itself on request."""
        match value:
            case Class(facts=facts):
                models = self.chain.file.knowledge.models
                assert self.entity is not None
                related = bool(_shared(models.ancestors(facts), models.ancestors(self.entity)))
                return itself if facts is self.entity else related
            case Entity(model=model):
                return model is None or model is self.entity
        return False


def _shared(one: list[ClassFacts], other: list[ClassFacts]) -> list[ClassFacts]:
    """The classes in either list that have a table, where one is an ancestor of the other."""
    lineal = [c for c in one if c in other]
    return [c for c in lineal if "__tablename__" in c.members or "__table__" in c.members]


def aliasing(chain: Chain) -> Aliasing | None:
    """The plan for *chain*, None if nothing in it wraps the statement."""
    wrapping = [step for step in chain.builders if step.method in WRAPPING]
    if not wrapping:
        return None
    step = wrapping[-1]
    index = chain.steps.index(step)
    later = chain.steps[index + 1 :]
    # Query moves loader options of the first part to the outside.
    moved = [s for s in chain.steps[:index] if s.method == "options" and step.method != "from_self"]
    elements = step.before.state.elements or ()
    entity = None
    if len(elements) == 1 and elements[0].kind == "entity" and len(wrapping) == 1:
        match elements[0].value:
            case Class(facts=facts, some=False):
                entity = facts
    references = [r for s in [*moved, *later] for r in _references(chain, s, entity)] if entity is not None else []
    return Aliasing(chain, step, later, entity, references, moved)


def _references(chain: Chain, step: Step, entity: ClassFacts) -> Iterator[ast.expr]:
    if not isinstance(step.node, ast.Call):
        return
    for argument in [*step.node.args, *(k.value for k in step.node.keywords)]:
        yield from _named(chain, argument, entity)


def _named(chain: Chain, node: ast.AST, entity: ClassFacts) -> Iterator[ast.expr]:
    """The expressions inside *node* that are the class itself."""
    program, module = chain.file.knowledge.program, chain.file.module
    match node:
        case ast.Name(id=name) if not _local(chain, name):
            value = program.lookup(module, name)
            if isinstance(value, Class) and value.facts is entity:
                yield node
                return
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if not _local(chain, name):
            outer = program.lookup(module, name)
            if isinstance(outer, Module):
                value = program.lookup(outer.facts, attr)
                if isinstance(value, Class) and value.facts is entity:
                    yield node
                    return
    for child in ast.iter_child_nodes(node):
        yield from _named(chain, child, entity)


def _local(chain: Chain, name: str) -> bool:
    inner: FunctionFacts | None = chain.function
    while inner is not None and not isinstance(inner.node, ast.Module):
        if name in local_names(inner.node):
            return True
        inner = inner.outer
    return False


def _scoped(chain: Chain) -> bool:
    """Whether a name bound in the chain would not be one of the function."""
    parents = chain.file.parents
    node: ast.AST | None = chain.top
    while node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if isinstance(node, _SCOPED):
            return True
        node = parents.get(node)
    return False


def _snake(name: str) -> str:
    return "".join(
        f"_{c.lower()}" if c.isupper() and i and not name[i - 1].isupper() else c.lower() for i, c in enumerate(name)
    )
