"""Class attributes that a base class leaves to its subclasses: ``model = None`` of a repository, ``model: type[T]`` of a view.

What ``self.model`` is in a method of the base class is one of the mapped classes that its subclasses name. Which one is not known, but it
is a mapped class, the same one wherever the method says ``self.model``: as good as an alias of a class that is not known.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import Binding, ClassFacts
from alchemove_codemods.values import BOTTOM, SOME_CLASS, Class, Entity, Unknown, Value


def left_to_subclasses(frame: Frame, node: ast.Attribute, cls: ClassFacts, found: Value) -> Value | None:
    """What ``self.name`` is where *cls* itself only has *found*; None if it is left to nobody, or to others than mapped classes.

    *node* is the attribute: only that of the method's own first parameter means the same class every time.
    """
    own = frame.own_instance()
    known = found in (SOME_CLASS, BOTTOM) or isinstance(found, Unknown)
    if not known or own is None or not isinstance(node.value, ast.Name) or node.value.id != own[0]:
        return None
    models = frame.knowledge.models
    classes: dict[ClassFacts, None] = {}
    for below in models.subclasses(cls):
        bindings = below.members.get(node.attr)
        if bindings is None or is_announced(bindings[-1]):
            continue
        value = _given(frame, below, bindings[-1])
        if not isinstance(value, Class) or value.some or not models.is_mapped(value.facts):
            return None
        classes[value.facts] = None
    if len(classes) < 2:
        return Class(next(iter(classes))) if classes else None
    made = Entity(None, id(cls.node) ^ hash(node.attr))
    frame.knowledge.choices[made] = tuple(classes)
    return made


def is_announced(binding: Binding) -> bool:
    """Whether a class attribute only says that there is one in subclasses or instances: ``x = None``, ``x: T``."""
    if binding.kind != "value":
        return False
    return binding.node is binding.annotation or (isinstance(binding.node, ast.Constant) and binding.node.value is None)


def _given(frame: Frame, cls: ClassFacts, binding: Binding) -> Value:
    if binding.kind == "class":
        inner = cls.module.classes.get(binding.node)  # type: ignore[call-overload]
        return Class(inner) if inner is not None else BOTTOM
    if binding.kind != "value" or not isinstance(binding.node, ast.expr):
        return BOTTOM
    return frame.knowledge.static(cls.module, binding.node, cls)
