"""Attributes that need configured mappers: what a backref makes exists only then.

``session.query()`` configures them, ``select()`` does not before it is run. Where there is an object of a mapped class, they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Entity, Instance, Query, Value, parts


@dataclass(frozen=True, slots=True)
class Late:
    """An attribute that need not exist yet is read in ``function``, where the variables ``objects`` are objects of mapped classes."""

    function: FunctionFacts
    objects: frozenset[str]


def note(frame: Frame, node: ast.expr, cls: ClassFacts, name: str, given: Value | None = None) -> None:
    """Keep *node* if the attribute *name* of *cls* is made by a backref, and nothing shows that the mappers are configured by then.

    *given* is what the attribute is compared with.
    """
    models = frame.knowledge.models
    found = models.attribute(cls, name)
    if found is None or not found.by_backref or frame.knowledge.program.mentioning(b"configure_mappers"):
        return
    _note(frame, node, given)


def note_unknown(frame: Frame, node: ast.expr, name: str, given: Value | None = None) -> None:
    """The same where the class is not known, if a backref of the program has that name.

    Such a class may be made long after the program was imported, so that a call of ``configure_mappers()`` has to stand
    in the same function.
    """
    if name not in frame.knowledge.models.backref_names() or "configure_mappers" in _called(frame):
        return
    _note(frame, node, given)


def note_unresolved(frame: Frame, node: ast.Attribute) -> None:
    """The same where nothing is known of what the attribute is taken from, but that it is named or queried like a class."""
    if node.attr not in frame.knowledge.models.backref_names():
        return
    owner, name = node.value, last_name(node.value) or ""
    if isinstance(owner, (ast.Name, ast.Attribute)) and (name[:1].isupper() or _is_queried(frame, owner)):
        note_unknown(frame, node, node.attr)


def _is_queried(frame: Frame, owner: ast.expr) -> bool:
    """Whether the function of *frame* has a call ``query(owner)``."""
    calls = (n for n in walk(frame.function.node) if isinstance(n, ast.Call) and last_name(n.func) == "query")
    text = stable_text(owner)
    return text is not None and any(stable_text(a) == text for call in calls for a in call.args)


def _called(frame: Frame) -> Iterator[str | None]:
    """The names of what the function of *frame* calls."""
    return (last_name(n.func) for n in walk(frame.function.node) if isinstance(n, ast.Call))


def _note(frame: Frame, node: ast.expr, given: Value | None) -> None:
    models, late = frame.knowledge.models, frame.knowledge.late
    if frame.carried is not None:
        frame.carried.everything = True
    if given is not None and _is_object(models, given):
        late.pop(node, None)
    else:
        objects = frozenset(name for name, value in (frame.env or {}).items() if _is_object(models, value))
        late[node] = Late(frame.function, objects)


def _is_object(models: Models, value: Value) -> bool:
    """Whether *value* is an object of a mapped class and nothing else, so that somebody has made or loaded it."""
    return all(
        isinstance(v, Instance) and isinstance(v.cls, ClassFacts) and models.is_mapped(v.cls) for v in parts(value)
    )


def note_keywords(frame: Frame, node: ast.Call, query: Query, values: dict[ast.expr, Value]) -> None:
    """The same for the keywords of ``filter_by()``, which name attributes of the entities of *query*."""
    state = query.state
    entities = (state.last, *(element.value for element in state.elements or ()))
    for entity in entities:
        cls = entity.facts if isinstance(entity, Class) else entity.model if isinstance(entity, Entity) else None
        for keyword in node.keywords if isinstance(cls, ClassFacts) else ():
            if keyword.arg is not None and isinstance(cls, ClassFacts):
                note(frame, keyword.value, cls, keyword.arg, values.get(keyword.value))
        for keyword in node.keywords if _unknown(entity) else ():
            if keyword.arg is not None:
                note_unknown(frame, keyword.value, keyword.arg, values.get(keyword.value))


def _unknown(entity: Value | None) -> bool:
    return isinstance(entity, Entity) and entity.model is None
