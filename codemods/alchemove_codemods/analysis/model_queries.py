"""``Model.query``: what it is by what the class inherits, or by what its subclasses do where a mixin or base class leaves that to them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from alchemove_codemods.analysis import query_classes
from alchemove_codemods.analysis.elements import initial
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.records import Creation
from alchemove_codemods.facts import Binding, ClassFacts, ModuleFacts, last_name
from alchemove_codemods.query_kinds import QueryClass
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Element, Entity, External, Flavour, Held, Query, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


class _Source(NamedTuple):
    """What ``Model.query`` is: how its session is written, and the query class that it was given, if any."""

    held: Held | None
    flavour: Flavour
    custom: QueryClass


def model_query(frame: Frame, node: ast.Attribute, value: Class, of_instance: bool = False) -> Value | None:
    """``Model.query`` of Flask-SQLAlchemy and of ``query_property``; None if the class has no such attribute."""
    cls = value.facts
    source = _query_source(frame, cls) or (_source_below(frame, cls) if value.some else None)
    if source is None:
        return None
    element = Element("entity", value, cls.name if not value.some else None)
    query = Query(initial(frame, (element,)), source.held, source.flavour, source.custom)
    frame.note(Creation(node, "model-query", None, query, frame.function, [node.value], of_instance))
    return query


def query_of_choice(frame: Frame, node: ast.Attribute, value: Entity) -> Value | None:
    """``self.model.query`` where subclasses say which of several classes that is; None if it is not the same for all of them."""
    source = _common_source(frame, frame.knowledge.choices.get(value, ()))
    if source is None:
        return None
    query = Query(initial(frame, (Element("entity", value),)), source.held, source.flavour, source.custom)
    frame.note(Creation(node, "model-query", None, query, frame.function, [node.value]))
    return query


def _query_source(frame: Frame, cls: ClassFacts) -> _Source | None:
    """What ``cls.query`` is by what *cls* inherits, None if that has no such attribute."""
    models = frame.knowledge.models
    held: Held | None = None
    flavour: Flavour = "flask"
    custom: QueryClass = None
    for ancestor in models.ancestors(cls):
        source = frame.knowledge.query_properties.of(ancestor)
        if source is not None:
            module, expression, class_ = source
            text = stable_text(expression)
            held = frame.knowledge.global_held(text, module) if text else None
            flavour, custom = "orm", class_
            break
        if not all(_announces_query(binding) for binding in ancestor.members.get("query", ())):
            return None
        for base in ancestor.node.bases:
            name = frame.knowledge.static(ancestor.module, base, ancestor)
            if isinstance(name, External) and name.name == "flask_sqlalchemy.Model" and isinstance(base, ast.Attribute):
                text = stable_text(base.value)
                held = frame.knowledge.global_held(f"{text}.session", ancestor.module) if text else None
                custom = query_classes.of_extension(frame.knowledge)
                break
            if isinstance(name, External) and name.name == "flask_sqlalchemy.Model":
                held = _session_beside(frame.knowledge, ancestor.module, base)
                custom = query_classes.of_extension(frame.knowledge)
                break
        if held is not None:
            break
    else:
        return None
    given = models.query_class(cls)
    if given is not None:
        of_extension = isinstance(given, External) and given.name.startswith("flask_sqlalchemy")
        custom = None if of_extension else query_classes.own_class(frame.knowledge, given, None)
    return _Source(held, flavour, custom)


def _source_below(frame: Frame, mixin: ClassFacts) -> _Source | None:
    """What ``cls.query`` is in *mixin*, which has no such attribute itself: the same for all mapped classes that inherit from it."""
    models = frame.knowledge.models
    if not all(_announces_query(binding) for binding in mixin.members.get("query", ())):
        return None
    return _common_source(frame, [below for below in models.subclasses(mixin) if models.is_mapped(below)])


def _common_source(frame: Frame, classes: Iterable[ClassFacts]) -> _Source | None:
    """What ``cls.query`` is for any of *classes*: of one session, and with one query class beside the default one."""
    sources = {_query_source(frame, cls) for cls in classes}
    if None in sources or not sources:
        return None
    known = [source for source in sources if source is not None]
    custom = {source.custom for source in known} - {None}
    if len({(source.held, source.flavour) for source in known}) > 1 or len(custom) > 1:
        return None
    return known[0]._replace(custom=next(iter(custom), None))


def _announces_query(binding: Binding) -> bool:
    """Whether *binding* defines nothing, but tells type checkers of ``Model.query``: ``query: ClassVar[Query[User]]``, ``if TYPE_CHECKING``."""
    return binding.checking or (
        binding.annotation is binding.node
        and any(
            (last_name(node) or "").endswith(("Query", "QueryProperty"))
            for node in walk(binding.node)
            if isinstance(node, (ast.Name, ast.Attribute))
        )
    )


def _session_beside(knowledge: Knowledge, module: ModuleFacts, base: ast.expr) -> Held | None:
    """How the session of a model is written whose base is a name for ``db.Model``."""
    origin = knowledge.program.origin_of(module, base)
    source = knowledge.program.module(origin[0]) if origin is not None and origin[0] in knowledge.program.raw else None
    for binding in source.bindings.get(origin[1], ()) if source is not None and origin is not None else ():
        match binding.node:
            case ast.Attribute(value=ast.Name(id=name), attr="Model"):
                return knowledge.global_held(f"{name}.session", source) if source is not None else None
    return None
