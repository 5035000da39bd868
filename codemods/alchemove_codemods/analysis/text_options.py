"""Loader options that name attributes by text: which attribute of which class each text means.

``joinedload("orders.items")`` looks for the names in the first entity of the query, and from there on in what the relationships lead to.
SQLAlchemy 2.0 has no such form, where every option raises. What they mean is therefore only asked where the project allows no such version.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import attributes, configured, expressions
from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.names import JOINED_OPTIONS
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.pinned import only_below
from alchemove_codemods.values import Class, State

OF_RELATIONSHIPS = frozenset(
    {
        "joinedload",
        "selectinload",
        "subqueryload",
        "lazyload",
        "raiseload",
        "noload",
        "immediateload",
        "contains_eager",
        "defaultload",
    }
)
OF_COLUMNS = frozenset({"load_only", "defer", "undefer"})


def note(frame: Frame, state: State, node: ast.expr) -> bool:
    """Find what the texts in the option *node* mean; whether they are all known, and join at most one row to each.

    The answer is kept in ``knowledge.option_texts``: for a text, the class that has each of its parts.
    """
    cls = first_class(state)
    if cls is None or not only_below(frame.knowledge.sqlalchemy, (2, 0)):
        return False
    if isinstance(node, (ast.List, ast.Tuple)):
        known = [note(frame, state, item) for item in node.elts]
        return all(known)
    if not isinstance(node, ast.Call):
        return False
    single, current = True, cls
    for call in levels(node):
        method = last_name(call.func) or ""
        if method not in OF_RELATIONSHIPS | OF_COLUMNS:
            return False
        reached: Attribute | None = None
        for argument in call.args:
            text = text_of(argument)
            found = _follow(frame, current, text, argument) if text is not None else _written(frame, argument)
            reached = found[-1] if found else None
            if method in JOINED_OPTIONS and not (reached is not None and _joins_one(frame, reached)):
                single = False
        if call is node:
            break
        if reached is None or reached.target is None:
            return False
        current = reached.target
    return single


def first_class(state: State) -> ClassFacts | None:
    """The mapped class that a text is looked for in, if that is certain."""
    match state.elements:
        case (first, *_) if first.kind == "entity" and isinstance(first.value, Class):
            return first.value.facts
    return None


def levels(option: ast.Call) -> list[ast.Call]:
    """The calls that *option* is a chain of, in the order they are made."""
    found = [option]
    while isinstance(found[0].func, ast.Attribute) and isinstance(found[0].func.value, ast.Call):
        found.insert(0, found[0].func.value)
    return found


def text_of(argument: ast.expr) -> str | None:
    """The name that *argument* is; ``"*"`` is none."""
    named = isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value != "*"
    return argument.value if named else None  # type: ignore[attr-defined]


def _follow(frame: Frame, cls: ClassFacts, text: str, argument: ast.expr) -> list[Attribute]:
    """What the parts of *text* mean, kept for *argument*; empty if one of them is not known."""
    models, found, owners = frame.knowledge.models, list[Attribute](), [cls]
    frame.knowledge.option_texts.pop(argument, None)
    for part in text.split("."):
        attribute = models.attribute(owners[-1], part)
        before = found[-1] if found else None
        if attribute is None or attribute.kind not in ("relationship", "column"):
            return []
        if before is not None and before.kind != "relationship":
            return []
        configured.note(frame, argument, owners[-1], part)
        found.append(attribute)
        if len(found) < text.count(".") + 1:
            if attribute.target is None:
                return []
            owners.append(attribute.target)
    frame.knowledge.option_texts[argument] = tuple(owners)
    return found


def _written(frame: Frame, argument: ast.expr) -> list[Attribute]:
    """The attribute that *argument* is."""
    found = attributes.relationship_of(frame, expressions.evaluate(frame, argument))
    return [found] if found is not None else []


def _joins_one(frame: Frame, attribute: Attribute) -> bool:
    target = attribute.target
    return attribute.joins_one and target is not None and not frame.knowledge.models.eager_collections(target)
