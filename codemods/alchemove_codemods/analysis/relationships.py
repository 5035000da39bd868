"""What a ``relationship()`` or a ``backref()`` is: its target, and whether it brings one object or many."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import declared
from alchemove_codemods.analysis.declared import Attribute, Lazy
from alchemove_codemods.facts import ClassFacts, last_name

if TYPE_CHECKING:
    from alchemove_codemods.analysis.models import Models

Options = dict[str, ast.expr]
"""The keywords of a call, by name."""


def relationship(models: Models, cls: ClassFacts, call: ast.Call, annotation: ast.expr | None) -> Attribute:
    """The attribute that *call* in the body of *cls* makes, with its *annotation*, if any."""
    options = _options(call)
    target = _target(models, cls, call, annotation)
    secondary = "secondary" in options or len(call.args) > 1
    foreign = not secondary and _many_to_one(models, cls, target, options)
    scalar = declared.is_false(options.get("uselist")) or declared.scalar_annotation(annotation) or foreign
    return Attribute(
        "relationship",
        cls,
        call,
        target=target,
        collection=not scalar,
        many_to_one=foreign,
        joins_one=foreign or (scalar and not secondary and _joins_one(models, cls, target, options)),
        lazy=_lazy(call, options, annotation),
        secondary=secondary,
        order_by=options.get("order_by"),
    )


def backref(models: Models, cls: ClassFacts, source: ClassFacts, call: ast.Call, option: ast.expr) -> Attribute:
    """The attribute that *cls* gets from *call*, the relationship of *source*, by its ``backref=`` *option*."""
    options = _options(option) if isinstance(option, ast.Call) else {}
    forward = _options(call)
    secondary = "secondary" in forward
    followed = {"foreign_keys": forward["foreign_keys"]} if "foreign_keys" in forward else {}
    foreign = (
        not secondary and "primaryjoin" not in forward and _many_to_one(models, cls, source, {**followed, **options})
    )
    scalar = declared.is_false(options.get("uselist")) or foreign
    return Attribute(
        "relationship",
        cls,
        call,
        target=source,
        collection=not scalar,
        many_to_one=foreign,
        joins_one=foreign or (scalar and not secondary and _joins_one(models, cls, source, forward)),
        lazy=declared.lazy(options.get("lazy")),
        secondary=secondary,
        order_by=options.get("order_by"),
        by_backref=True,
    )


def _options(call: ast.Call) -> Options:
    return {k.arg: k.value for k in call.keywords if k.arg}


def _lazy(call: ast.Call, options: Options, annotation: ast.expr | None) -> Lazy:
    """How the relationship is loaded where a statement does not say it."""
    annotated = annotation is not None and last_name(declared.head(annotation)) == "DynamicMapped"
    if annotated or last_name(call.func) == "dynamic_loader":
        return "dynamic"
    if "sa_relationship_kwargs" in options or "sa_relationship" in options or any(k.arg is None for k in call.keywords):
        return declared.lazy_in(options.get("sa_relationship_kwargs"))
    return declared.lazy(options.get("lazy"))


def _target(models: Models, cls: ClassFacts, call: ast.Call, annotation: ast.expr | None) -> ClassFacts | None:
    node = call.args[0] if call.args else _options(call).get("argument")
    if node is None and annotation is not None:
        node = declared.innermost(annotation)
    if isinstance(node, ast.Lambda):
        node = node.body
    if isinstance(node, (ast.Name, ast.Attribute)) and (known := models.class_at(cls, node)) is not None:
        return known
    name = declared.target_name(node)
    return models.by_name(name, cls) if name else None


def _many_to_one(models: Models, cls: ClassFacts, target: ClassFacts | None, options: Options) -> bool:
    """Whether a row of *cls* is known to refer to one of *target*, by a column of its own."""
    if target is None:
        return False
    if target is cls or target in models.ancestors(cls):
        names = declared.column_names(options.get("remote_side"))
        keys = {name for c in models.ancestors(cls) for name, a in models.own(c).items() if a.primary_key}
        return bool(names) and names <= keys
    if "primaryjoin" in options:
        return False
    own, others = _references(models, cls, target), _references(models, target, cls)
    if own and others:
        # Both refer to each other: the relationship has to say which columns it follows.
        followed = declared.column_names(options.get("foreign_keys"))
        return bool(followed) and followed <= own and followed.isdisjoint(others)
    return bool(own)


def _references(models: Models, cls: ClassFacts, target: ClassFacts) -> set[str]:
    """The columns of *cls* that are foreign keys to a table of *target*."""
    tables = _tables(models, target)
    return {
        name
        for ancestor in models.ancestors(cls)
        for name, attribute in models.own(ancestor).items()
        if attribute.kind == "column" and not tables.isdisjoint(declared.foreign_tables(attribute.node))
    }


def _joins_one(models: Models, cls: ClassFacts, target: ClassFacts | None, options: Options) -> bool:
    """Whether a row of *cls* joins at most one of *target*: by its primary key, or by a reference that is unique there."""
    if target is None or target is cls:
        return False
    attributes = {name: a for c in reversed(models.ancestors(target)) for name, a in models.own(c).items()}
    keys = [name for name, a in attributes.items() if a.primary_key]
    if "primaryjoin" in options:
        return len(keys) == 1 and declared.compares(options["primaryjoin"], target.name, keys[0])
    tables = _tables(models, cls)
    references = [a for a in attributes.values() if not tables.isdisjoint(declared.foreign_tables(a.node))]
    return len(references) == 1 and (
        declared.is_unique(references[0].node) or (references[0].primary_key and len(keys) == 1)
    )


def _tables(models: Models, cls: ClassFacts) -> set[str]:
    """The names that the table of *cls* may have in a foreign key."""
    classes = models.ancestors(cls)
    said = {name for c in classes if (name := declared.table_name(c))}
    return said | {c.name for c in classes} | {declared.snake(c.name) for c in classes}
