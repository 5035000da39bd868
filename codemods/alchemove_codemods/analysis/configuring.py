"""What shows that the mappers are configured when an attribute is read that only a backref makes.

They are where there is an object of a mapped class, and behind each of these, which configures them: a query is run that selects something mapped,
an object is made, a class is aliased, a loader option is made, a relationship is compared or asked with ``any()`` or ``has()``,
``session.get()``, or a call of a function that has done one of these whenever it returns.
Statements alone do not: ``select(User).join(User.team)`` leaves them as they are, and so do ``update()``, ``delete()`` and ``select(func.count()).select_from(User)`` even when they are run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.earlier import earlier, passed
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.records import Iteration, Step
from alchemove_codemods.analysis.text_options import OF_COLUMNS, OF_RELATIONSHIPS
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Entity, Function, Session, Sql, State, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_RUNNING = frozenset(
    {
        "all",
        "first",
        "one",
        "one_or_none",
        "scalar",
        "count",
        "get",
        "get_or_404",
        "first_or_404",
        "one_or_404",
        "paginate",
    }
)
_DEEPEST = 4
"""Calls inside of calls that are followed."""


def is_configured(knowledge: Knowledge, node: ast.AST) -> bool:
    """Whether the mappers are configured whenever the attribute *node* is read, which need not exist before."""
    late = knowledge.late.get(node)
    if late is None:
        return True
    if not _always_given(late.function).isdisjoint(late.objects):
        return True
    for place in earlier(late.function.module.source, node):
        if _shows(knowledge, late.function, place):
            return True
        match place:
            case ast.Assign(targets=targets) if any(
                isinstance(n, ast.Name) and n.id in late.objects for target in targets for n in walk(target)
            ):
                return True
            case ast.AnnAssign(target=target) | ast.For(target=target) if any(
                isinstance(n, ast.Name) and n.id in late.objects for n in walk(target)
            ):
                return True
    return False


def _shows(
    knowledge: Knowledge, function: FunctionFacts, place: ast.AST, above: tuple[FunctionFacts, ...] = ()
) -> bool:
    """Whether the mappers are configured when *place* in *function* has been evaluated; *above* are the functions that wait for its end."""
    if place in _run(knowledge, function) or _configures(knowledge, function, place):
        return True
    if not isinstance(place, ast.Call):
        return False
    called = _static(knowledge, function, place.func)
    return isinstance(called, Function) and _always_configures(knowledge, called.facts, (*above, function))


def _run(knowledge: Knowledge, function: FunctionFacts) -> set[ast.AST]:
    """Where *function* runs queries that have to configure the mappers."""
    return {
        record.node
        for record in knowledge.records.get(function, {}).values()
        if (isinstance(record, Step) and record.method in _RUNNING) or isinstance(record, Iteration)
        if _selects_mapped(knowledge.models, (record.before if isinstance(record, Step) else record.query).state)
    }


def _always_configures(knowledge: Knowledge, function: FunctionFacts, above: tuple[FunctionFacts, ...]) -> bool:
    """Whether the mappers are configured whenever a call of *function* has returned."""
    node = function.node
    if not isinstance(node, ast.FunctionDef) or function in above or len(above) > _DEEPEST:
        return False
    if len(node.decorator_list) != function.decorated("staticmethod") + function.decorated("classmethod"):
        return False  # what stands around it need not call it
    inside = walk(node)
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in inside):
        return False
    ends: list[ast.Return | ast.FunctionDef] = [n for n in inside if isinstance(n, ast.Return)]
    if not isinstance(node.body[-1], (ast.Return, ast.Raise)):
        ends.append(node)
    source = function.module.source
    return all(any(_shows(knowledge, function, place, above) for place in passed(source, end)) for end in ends)


def _always_given(function: FunctionFacts) -> set[str]:
    """The parameters that every caller gives an argument."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return set()
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    required += [a for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None]
    return {a.arg for a in required}


def _selects_mapped(models: Models, state: State) -> bool:
    """Whether running a query of *state* has to configure the mappers: it selects a mapped class or a column of one."""
    for element in state.elements or ():
        match element.value:
            case Class(facts=ClassFacts() as cls) | Entity(model=ClassFacts() as cls):
                return models.is_mapped(cls)
            case Sql(kind="column", owners=owners) if owners:
                return True
    return False


def _configures(knowledge: Knowledge, function: FunctionFacts, place: ast.AST) -> bool:
    """Whether the call or comparison *place* configures the mappers: an object is made, an alias or a loader option, a relationship compared."""
    match place:
        case ast.Call(func=ast.Attribute(value=ast.Attribute() as compared, attr="any" | "has")):
            return _is_relationship(knowledge, function, compared)
        case ast.Call(func=ast.Attribute(value=session, attr="get"), args=[_, _, *_]):
            return isinstance(_static(knowledge, function, session), Session)
        case ast.Call(func=called, args=args):
            if _mapped(knowledge, function, called) is not None:
                return True
            name = last_name(called)
            if name == "aliased" and len(args) == 1:
                return _mapped(knowledge, function, args[0]) is not None
            return name in OF_RELATIONSHIPS | OF_COLUMNS and any(
                isinstance(a, ast.Attribute) and _mapped(knowledge, function, a.value) is not None for a in args
            )
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()]):
            return _is_relationship(knowledge, function, left)
    return False


def _is_relationship(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    cls = _mapped(knowledge, function, node.value)
    found = knowledge.models.attribute(cls, node.attr) if cls is not None else None
    return found is not None and found.kind == "relationship"


def _mapped(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> ClassFacts | None:
    """The mapped class that *node* is in *function*, if it is one of the module's names."""
    value = _static(knowledge, function, node)
    return value.facts if isinstance(value, Class) and knowledge.models.is_mapped(value.facts) else None


def _static(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> Value | None:
    """What *node* is in *function* if it begins with one of the module's names, else None."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    scope: FunctionFacts | None = function
    while scope is not None and not isinstance(scope.node, ast.Module):
        if not isinstance(root, ast.Name) or root.id in local_names(scope.node):
            return None
        scope = scope.outer
    return knowledge.static(function.module, node)
