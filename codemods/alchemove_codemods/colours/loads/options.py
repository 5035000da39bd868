"""The loader options of a statement: those it has, and the ones that make it load what is read later."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.colours.lazy import EAGER, group_of
from alchemove_codemods.colours.loads.statements import ORDERING, SELECTIN, UNCHANGED, Came, Statement, Step, arguments
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

Way = tuple[str, ...]
_LOADING = frozenset({"selectinload", "joinedload", "subqueryload", "contains_eager", "immediateload"})
_COLUMNS = frozenset({"load_only", "defer", "undefer", "undefer_group"})
_PLAIN_EXECUTION = frozenset({"synchronize_session", "autoflush", "populate_existing"})


@dataclass(frozen=True, slots=True, eq=False)
class Existing:
    """An option that a statement has for one way: how it loads, and the expression that a further one is appended to."""

    strategy: str
    node: ast.expr
    function: FunctionFacts


def existing(colours: Colours, steps: Iterable[Step]) -> dict[Way, Existing] | None:
    """The options among the *steps* of a statement, by way; None if one of them is not understood."""
    found: dict[Way, Existing] = {}
    for name, call, function, came in steps:
        if name != "options":
            continue
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                if not all(_option(e, (), f, found) for f, e in _handed(colours, function, argument.value, came)):
                    return None
            elif not _option(argument, (), function, found):
                return None
    return found


def _handed(
    colours: Colours, function: FunctionFacts, node: ast.expr, came: Came | None
) -> Iterator[tuple[FunctionFacts, ast.expr]]:
    """The elements of the list *node* of options, which *function* may be given; itself if they are not known."""
    match node:
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            yield from ((function, element) for element in elts)
        case ast.Name(id=name) if any(p.arg == name for p in function.parameters) and came is not None:
            for caller, _, argument, before in arguments(colours, function, name, came):
                if isinstance(argument, ast.expr):
                    yield from _handed(colours, caller, argument, before)
                elif argument != "default":
                    yield function, node
        case _:
            yield function, node


def given_to(node: ast.expr | None, function: FunctionFacts) -> dict[Way, Existing] | None:
    """The same for the list of ``session.get(..., options=[...])``."""
    found: dict[Way, Existing] = {}
    match node:
        case None:
            return found
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return found if all(_option(e, (), function, found) for e in elts) else None
    return None


def _option(node: ast.expr, outer: Way, function: FunctionFacts, found: dict[Way, Existing]) -> bool:
    """Note what the option *node* below *outer* loads; False if that is not understood."""
    return _follow(node, outer, function, found) is not None


def _follow(node: ast.expr, outer: Way, function: FunctionFacts, found: dict[Way, Existing]) -> Way | None:
    if not isinstance(node, ast.Call) or node.keywords:
        return None
    name = last_name(node.func)
    base = outer
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        before = _follow(node.func.value, outer, function, found)
        if before is None:
            return None
        base = before
    if name in _COLUMNS:
        for column in _columns(name, node):
            at = (*base, column)
            found[at] = Existing(name, node, function)
        return base
    if name == "options":
        return base if all(_option(a, base, function, found) for a in node.args) else None
    if name not in _LOADING | {"defaultload"} or len(node.args) != 1 or not isinstance(node.args[0], ast.Attribute):
        return None
    way = (*base, node.args[0].attr)
    found[way] = Existing(name or "", node, function)
    return way


def _columns(name: str, node: ast.Call) -> Iterator[str]:
    """The columns, or the group of them, that the option *node* names; for ``load_only`` that are what is left."""
    match name, node.args:
        case "undefer_group", [ast.Constant(value=str(group))]:
            yield f"group {group}"
        case _, arguments:
            yield from (a.attr for a in arguments if isinstance(a, ast.Attribute))


@dataclass(slots=True, eq=False)
class Need:
    """What a statement has to load in addition, below one object: ``strategy`` for ``attribute`` of ``cls``."""

    strategy: str = ""
    cls: ClassFacts | None = None
    name: str = ""
    below: dict[str, Need] = field(default_factory=dict[str, "Need"])
    loaded: bool = False


def needs(
    models: Models, entity: ClassFacts, ways: Iterable[Way], has: dict[Way, Existing], *, joining: bool
) -> Need | None:
    """The tree of what loading *ways* from *entity* takes beside what the statement *has*; None if some way cannot be.

    *joining* says that a many-to-one may be joined to the statement itself.
    """
    root = Need(cls=entity)
    for way in ways:
        at, cls, joins = root, entity, joining
        for depth, name in enumerate(way, 1):
            attribute = models.attribute(cls, name)
            if attribute is not None and attribute.kind == "column" and depth == len(way):
                group, said = group_of(attribute.node), has.get(way)
                if said is not None and said.strategy == "defer":
                    # The first option for a column counts.
                    return None
                loaded = said is not None or (group is not None and (*way[:-1], f"group {group}") in has)
                at.below.setdefault(name, Need("undefer", cls, name, loaded=loaded))
                continue
            if attribute is None or attribute.kind != "relationship" or attribute.target is None:
                return None
            has_it = has.get(way[:depth])
            loaded = attribute.lazy in EAGER or (has_it is not None and has_it.strategy in _LOADING)
            if not loaded and attribute.lazy != "select":
                return None
            if name not in at.below:
                strategy = "defaultload" if loaded else _strategy(attribute, joins)
                at.below[name] = Need(strategy, cls, name, loaded=loaded)
            at = at.below[name]
            # Below a statement of its own, whose rows have no order to keep, a many-to-one can be joined again.
            joins = attribute.many_to_one and (joins or at.strategy == "selectinload")
            cls = attribute.target
    return root


def _strategy(attribute: Attribute, joining: bool) -> str:
    return "joinedload" if joining and attribute.many_to_one else "selectinload"


def joinable(statement: Statement, entity: ast.expr, *, single: bool, keys: Iterable[str]) -> bool:
    """Whether a many-to-one can be joined to *statement*, and the rows and their order are the same for sure.

    That is if at most one row is accepted (*single*), or if the order is that of one of the primary *keys* of the only *entity*.
    """
    if statement.united:
        return False
    names = set(keys)
    ordered = False
    for name, call, *_ in statement.steps:
        if name in ORDERING:
            reset = len(call.args) == 1 and isinstance(call.args[0], ast.Constant)
            ordered = not reset and (ordered or any(_column(a, ast.unparse(entity)) in names for a in call.args))
        elif name not in UNCHANGED:
            return False
    return single or (ordered and len(statement.elements) == 1)


def _column(node: ast.expr, entity: str) -> str | None:
    """The name of the column of *entity* that ``order_by`` is given with *node*."""
    match node:
        case ast.Attribute(value=owner, attr=name) if ast.unparse(owner) == entity:
            return name
        case ast.Call(func=ast.Attribute(value=column, attr="asc" | "desc"), args=[]):
            return _column(column, entity)
        case ast.Call(args=[column]) if last_name(node) in ("asc", "desc"):
            return _column(column, entity)
    return None


def understood(steps: Iterable[Step]) -> bool:
    """Whether objects can be loaded beside a statement with these *steps* at all."""
    for name, call, *_ in steps:
        if name == "execution_options":
            if not all(k.arg in _PLAIN_EXECUTION for k in call.keywords):
                return False
        elif name not in UNCHANGED | ORDERING | SELECTIN:
            return False
    return True


def populates(steps: Iterable[Step]) -> bool:
    """Whether a statement with these *steps* gives objects that are in the session already their values of the database."""
    return any(
        k.arg == "populate_existing" for name, call, *_ in steps if name == "execution_options" for k in call.keywords
    )


def primary_keys(models: Models, cls: ClassFacts) -> list[str]:
    """The primary key of *cls*, if it is of one column."""
    found = [
        name
        for ancestor in models.ancestors(cls)
        for name, attribute in models.own(ancestor).items()
        if attribute.primary_key
    ]
    return found if len(set(found)) == 1 else []


def sensitive(attribute: Attribute) -> frozenset[str]:
    """The names on whose values it depends what the relationship *attribute* holds, and in which order."""
    call = attribute.node
    if not isinstance(call, ast.Call):
        return frozenset()
    found: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg in ("order_by", "primaryjoin", "secondaryjoin", "foreign_keys"):
            for inner in walk(keyword.value):
                match inner:
                    case ast.Attribute(attr=name) | ast.Name(id=name):
                        found.add(name)
                    case ast.Constant(value=str(text)):
                        found.update(text.replace(".", " ").replace("(", " ").replace(")", " ").split())
    return frozenset(found)
