"""Of which mapped class an object is, where what the program does with it does not say so: by type variables and annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import NOTHING, Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def mapped_class(colours: Colours, function: FunctionFacts, node: ast.Name) -> tuple[ClassFacts, bool] | None:
    """The mapped class that *node* of *function* is an object of, and whether it may be ``None``; None if it is not known."""
    values = list(parts(colours.graph.value(function, node)))
    classes = [v.cls for v in values if isinstance(v, Instance)]
    known = len(classes) == 1 and all(isinstance(v, Instance) or v == NOTHING for v in values)
    cls = classes[0] if known else next(_by_annotations(colours, function, node), None)
    if not isinstance(cls, ClassFacts) or not colours.knowledge.models.is_mapped(cls):
        return None
    return cls, not known or len(values) > 1


def _by_annotations(colours: Colours, function: FunctionFacts, node: ast.Name) -> Iterator[ClassFacts]:
    """``user = self.users.create(...)``, where ``create`` gives a ``ModelType`` and ``users`` is a ``Repository[User]``."""
    found = given(function, function.module.source.parents, node)
    value = found[0].node if len(found) == 1 and found[0].kind == "value" and found[0].index is None else None
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return
    target = colours.knowledge.calls.get(value.func)
    returns = getattr(target.node, "returns", None) if target is not None else None
    if target is None or target.owner is None or not isinstance(returns, ast.expr):
        return
    variable = _unwrapped(returns)
    for part in parts(colours.graph.value(function, value.func.value)):
        if isinstance(part, Instance) and isinstance(part.cls, ClassFacts) and isinstance(variable, ast.Name):
            yield from _argument(colours, part.cls, target.owner, variable.id)


def _argument(colours: Colours, cls: ClassFacts, owner: ClassFacts, variable: str) -> Iterator[ClassFacts]:
    """What *cls* gives its base *owner* for the type *variable*: the ``User`` of ``class Users(Repository[User])``."""
    names = _variables(owner)
    for ancestor in colours.knowledge.models.ancestors(cls):
        for base in ancestor.node.bases:
            if isinstance(base, ast.Subscript) and _class(colours, ancestor.module, base.value) is owner:
                elements = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                if variable in names and len(names) == len(elements):
                    found = _class(colours, ancestor.module, elements[names.index(variable)])
                    if found is not None:
                        yield found


def _variables(cls: ClassFacts) -> list[str]:
    written = [getattr(p, "name", "") for p in getattr(cls.node, "type_params", ())]
    for base in cls.node.bases:
        if isinstance(base, ast.Subscript) and last_name(base.value) in ("Generic", "Protocol"):
            elements = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            return [e.id for e in elements if isinstance(e, ast.Name)]
    return written


def _class(colours: Colours, module: ModuleFacts, node: ast.expr) -> ClassFacts | None:
    value = colours.knowledge.static(module, node)
    return value.facts if isinstance(value, Class) else None


def _unwrapped(node: ast.expr) -> ast.expr:
    """``ModelType`` of ``Optional[ModelType]`` and ``ModelType | None``."""
    match node:
        case ast.Subscript(value=head, slice=inner) if last_name(head) == "Optional":
            return inner
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return left
    return node
