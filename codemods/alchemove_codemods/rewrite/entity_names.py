"""How a mapped class is written at one place of a file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.rebound import rebound
from alchemove_codemods.analysis.records import Creation
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.values import Class, Module, Value

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
    return None


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
