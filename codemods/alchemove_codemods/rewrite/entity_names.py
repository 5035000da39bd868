"""How a mapped class is written at one place of a file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.rebound import is_assigned, rebound
from alchemove_codemods.analysis.records import Creation, Step
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.values import Class, Entity, Function, Module, Value

if TYPE_CHECKING:
    from alchemove_codemods.rewrite.chain import Chain


def name_of(entity: Value | None, chain: Chain) -> str | None:
    """How the class or alias *entity* is written where *chain* stands, None if it has no plain name there."""
    match entity:
        case Class(some=True):
            return _name_of_some(chain)
        case Class(facts=facts):
            found = _name_of_class(facts, chain)
            if found is None and facts.outer is None:
                found = chain.file.globals.name(facts.name, facts.module, chain.function, chain.top)
            return found if found is not None and not chain.hidden(found.split(".")[0]) else None
        case Entity(model=None):
            given = _given(chain)
            return name_of(given, chain) if given is not None else None
    return None


def _given(chain: Chain) -> Class | None:
    """The class that a helper is given in the call that *chain* begins with, if its query is made of that: ``scoped(session, User)``."""
    component, knowledge = chain.query.component.find(), chain.file.knowledge
    found = [r for records in knowledge.records.values() for r in records.values()]
    creations = [r for r in found if isinstance(r, Creation) and r.query.component.find() is component]
    others = [
        r
        for r in found
        if isinstance(r, Step) and r.method == "with_entities" and r.before.component.find() is component
    ]
    match creations, chain.base:
        case [Creation(function=helper, arguments=[ast.Name(id=name)])], ast.Call() as call if not others:
            argument = _argument(helper, name, call)
        case _:
            return None
    if not isinstance(argument, ast.Name) or _is_local(argument.id, chain.function) or rebound(helper.node, name):
        return None
    given = knowledge.static(chain.file.module, argument)
    if not isinstance(given, Class) or given.some or not knowledge.models.is_mapped(given.facts):
        return None
    return given if _calls(chain, call.func, helper) else None


def _calls(chain: Chain, callee: ast.expr, helper: FunctionFacts) -> bool:
    """Whether *callee*, where *chain* stands, is the function *helper*."""
    if not isinstance(callee, ast.Name):
        return False
    if not _is_local(callee.id, chain.function):
        value = chain.file.knowledge.static(chain.file.module, callee)
        return isinstance(value, Function) and value.facts is helper
    around = helper.outer
    if around is None or not chain.function.is_inside(around) or is_assigned(around.node, callee.id):
        return False
    return [f for f in chain.file.module.functions.values() if f.is_inside(around) and f.name == callee.id] == [helper]


def _argument(helper: FunctionFacts, name: str, call: ast.Call) -> ast.expr | None:
    """What *call* gives the parameter *name* of *helper*."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    arguments = getattr(helper.node, "args", None)
    if helper.owner is not None or helper.decorators or not isinstance(arguments, ast.arguments):
        return None
    places = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    if name in places and places.index(name) < len(call.args):
        return call.args[places.index(name)]
    return next((k.value for k in call.keywords if k.arg == name), None)


def _is_local(name: str, function: FunctionFacts | None) -> bool:
    """Whether *name* is one of *function*, or of one around it."""
    while function is not None and not isinstance(function.node, ast.Module):
        if name in local_names(function.node):
            return True
        function = function.outer
    return False


def _name_of_some(chain: Chain) -> str | None:
    """The parameter that holds a class, or any subclass of it, if it is what the query was made of in this function."""
    component, own = chain.query.component.find(), {p.arg for p in chain.function.parameters}
    names = {
        argument.id if isinstance(argument, ast.Name) and record.function is chain.function else None
        for records in chain.file.knowledge.records.values()
        for record in records.values()
        if isinstance(record, Creation) and record.query.component.find() is component
        for argument in record.arguments
    }
    match list(names):
        case [str(name)] if name in own and not rebound(chain.function.node, name):
            return name
    return None


def _name_of_class(facts: ClassFacts, chain: Chain) -> str | None:
    module, program = chain.file.module, chain.file.knowledge.program
    function: FunctionFacts | None = chain.function
    for local in module.bindings:
        value = program.lookup(module, local)
        if isinstance(value, Class) and value.facts is facts and not value.some:
            inner = function
            while inner is not None and not isinstance(inner.node, ast.Module):
                if local in local_names(inner.node):
                    return None
                inner = inner.outer
            return local
    modules = [(local, program.lookup(module, local)) for local in module.bindings] if facts.outer is None else []
    for defining in (True, False):  # rather the module that defines it than one that imports it
        for local, outer in modules:
            if (
                isinstance(outer, Module)
                and (outer.facts is facts.module or not defining)
                and program.lookup(outer.facts, facts.name) == Class(facts)
            ):
                return f"{local}.{facts.name}"
    return None
