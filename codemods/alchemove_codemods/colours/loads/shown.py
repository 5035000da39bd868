"""Objects whose loaded attributes are visible as such: ``vars(user)``, or an endpoint that returns ``user`` without a model.

FastAPI makes JSON of what is in ``__dict__`` then, so an attribute that is loaded in addition would be in the answer.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Dict, Instance, Plain, Rows, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LOOKING = frozenset({"vars", "jsonable_encoder"})
_STATE = frozenset({"__dict__", "unloaded"})


def shown(colours: Colours) -> frozenset[ClassFacts]:
    """The mapped classes of which objects are shown with what happens to be loaded."""
    found: set[ClassFacts] = set()
    program = colours.knowledge.program
    # Only files that have one of the words are walked.
    naming = {path for word in (*_LOOKING, *_STATE) for path in program.mentioning(word.encode())}
    for module in [m for m in program.loaded() if m.path in naming]:
        for function in [module.body, *module.functions.values()]:
            for node in own_nodes(function):
                match node:
                    case ast.Attribute(value=base, attr=name) if name in _STATE:
                        found |= _classes(colours, colours.graph.value(function, base))
                    case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _LOOKING:
                        found |= _classes(colours, colours.graph.value(function, first))
    for function in colours.roots.endpoints:
        if function not in colours.modelled:
            found |= _returned(colours, function)
    models = colours.knowledge.models
    everything = {c for cls in found for c in (cls, *models.subclasses(cls))}
    return frozenset(c for c in everything if models.is_mapped(c) and "sqlmodel.SQLModel" not in models.lineage(c))


def _returned(colours: Colours, function: FunctionFacts) -> set[ClassFacts]:
    """The classes of the objects that *function* returns, or puts into what it returns."""
    found: set[ClassFacts] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            found |= _classes(colours, colours.graph.value(function, node.value))
            for inner in walk(node.value):
                if isinstance(inner, ast.Dict):
                    for value in inner.values:
                        found |= _classes(colours, colours.graph.value(function, value))
    return found


def _classes(colours: Colours, value: Value) -> set[ClassFacts]:
    found: set[ClassFacts] = set()
    for part in parts(value):
        match part:
            case Instance(cls=ClassFacts() as cls):
                found.add(cls)
            case Plain(of=of) | Rows(of=of) | Dict(of=of) if of is not None:
                found |= _classes(colours, of)
    return found
