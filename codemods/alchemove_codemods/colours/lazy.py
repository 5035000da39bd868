"""The attributes of mapped objects that may have to be loaded when they are read.

Beside relationships these are columns: those that are deferred, by their model or by a statement (``defer()``, ``load_only()``), those
of subclasses, which a statement about their base leaves out, and those that the database computes, which a flush leaves to be read
again. What it computes on INSERT comes with the INSERT, unlike that of an UPDATE
(https://docs.sqlalchemy.org/en/20/orm/mapping_api.html#sqlalchemy.orm.Mapper.params.eager_defaults).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from alchemove_codemods.analysis.declared import Attribute, is_deferred, says
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.facts import PROPERTIES, Binding, ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class

EAGER = frozenset({"joined", "selectin", "subquery"})
PARTLY = frozenset({"load_only", "defer"})
_OF_SQL = frozenset({"text", "literal_column", "select", "case", "cast", "extract"})


def loading(knowledge: Knowledge, special: Special, calculated: frozenset[ast.AST]) -> frozenset[str]:
    """The names of all such columns and relationships: *special* are those of subclasses, *calculated* are given SQL."""
    found: set[str] = set(special)
    models = knowledge.models
    for module in knowledge.program.loaded():
        for cls in module.classes.values():
            if not models.is_mapped(cls):
                continue
            for name, attribute in models.own(cls).items():
                if may_load(attribute) or attribute.node in calculated:
                    found.add(name)
            found.update(name for name, attribute in models.given_later(cls).items() if may_load(attribute))
    for entries in models.backrefs().values():
        found.update(name for _, name, _, _ in entries)
    return frozenset(found)


def collections(knowledge: Knowledge) -> frozenset[str]:
    """The names of the relationships that may hold several objects: assigning one loads what it replaces."""
    return frozenset(name for name, a in _relationships(knowledge) if a.collection and not a.many_to_one)


def eager(knowledge: Knowledge) -> frozenset[str]:
    """The names of the relationships that statements load along with the object."""
    return frozenset(name for name, a in _relationships(knowledge) if a.lazy in EAGER)


def _relationships(knowledge: Knowledge) -> Iterator[tuple[str, Attribute]]:
    models = knowledge.models
    for module in knowledge.program.loaded():
        for cls in module.classes.values():
            if models.is_mapped(cls):
                for name, attribute in models.own(cls).items():
                    if attribute.kind == "relationship":
                        yield name, attribute


Special = Mapping[str, frozenset[ClassFacts]]
"""Columns and relationships by name, with the classes that have them and their base has not."""


def specialised(knowledge: Knowledge) -> Special:
    """What subclasses alone have, and a statement about their base loads their objects without.

    https://docs.sqlalchemy.org/en/20/orm/queryguide/inheritance.html#loading-joined-inheritance
    """
    found: dict[str, set[ClassFacts]] = {}
    program, models = knowledge.program, knowledge.models
    for path in program.mentioning(b"polymorphic_on", b"polymorphic_identity"):
        module = program.module(path)
        for cls in module.classes.values() if module is not None else ():
            above = [
                c for c in models.ancestors(cls) if c is not cls and says(c, "polymorphic_on", "polymorphic_identity")
            ]
            whole = says(cls, "polymorphic_load") or any(says(c, "with_polymorphic") for c in above)
            concrete = any(isinstance(n, str) and n.endswith("ConcreteBase") for n in models.lineage(cls))
            if above and not whole and not concrete and models.is_mapped(cls):
                inherited = {name for c in above for name in models.own(c)}
                own = models.own(cls)
                related = (name for name, attribute in own.items() if attribute.kind == "relationship")
                for name in {*_columns(own), *related} - inherited:
                    found.setdefault(name, set()).add(cls)
    return {name: frozenset(classes) for name, classes in found.items()}


def is_proxy(attribute: Attribute) -> bool:
    """Whether *attribute* is an ``association_proxy("users", "name")``: reading it reads the relationship."""
    return isinstance(attribute.node, ast.Call) and last_name(attribute.node.func) == "association_proxy"


def expanded(models: Models, cls: ClassFacts | None, way: tuple[str, ...]) -> tuple[str, ...]:
    """*way* from an object of *cls* with the relationships that association proxies on it stand for."""
    found: list[str] = []
    for name in way:
        attribute = models.attribute(cls, name) if cls is not None else None
        names = [name]
        if attribute is not None and is_proxy(attribute) and isinstance(attribute.node, ast.Call):
            names = [a.value for a in attribute.node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        for each in names:
            step = models.attribute(cls, each) if cls is not None else None
            plain = step is not None and step.kind == "column" and not (expires(step.node) or is_deferred(step.node))
            if each is names[-1] and len(names) == 2 and plain:
                break
            found.append(each)
            cls = step.target if step is not None else None
    return tuple(found)


def may_load(attribute: Attribute) -> bool:
    """Whether *attribute* may have to be loaded when it is read, for what it is declared as."""
    if is_proxy(attribute):
        return True
    if attribute.kind == "relationship":
        return attribute.lazy not in EAGER
    return attribute.kind == "column" and (expires(attribute.node) or is_deferred(attribute.node))


def narrowed(knowledge: Knowledge) -> frozenset[str]:
    """The names of columns that some statement leaves out (``defer(User.bio)``, ``load_only(User.name)``)."""
    found: set[str] = set()
    program, models = knowledge.program, knowledge.models
    for path in program.mentioning(*(word.encode() for word in PARTLY)):
        module = program.module(path)
        if module is None:
            continue
        for node in module.source.nodes:
            match node:
                case ast.Call(func=function, args=args) if last_name(function) in PARTLY:
                    for argument in args:
                        if not isinstance(argument, ast.Attribute):
                            continue
                        value = knowledge.static(module, argument.value)
                        if last_name(function) == "defer":
                            found.add(argument.attr)
                        elif isinstance(value, Class):
                            found.update(n for a in models.ancestors(value.facts) for n in _columns(models.own(a)))
    return frozenset(found)


def _columns(own: Mapping[str, Attribute]) -> Iterator[str]:
    return (name for name, attribute in own.items() if attribute.kind == "column" and not attribute.primary_key)


def getter(knowledge: Knowledge, cls: ClassFacts, name: str) -> FunctionFacts | None:
    """What reading the property *name* of a *cls* runs: its setter and its SQL expression have the same name, and come later."""
    for ancestor in knowledge.models.ancestors(cls):
        if bindings := ancestor.members.get(name):
            functions = [ancestor.module.functions.get(b.node) for b in bindings if b.kind == "function"]
            declared = next((f for f in functions if f is not None and f.is_property), None)
            if declared is not None:
                return declared
            made = made_of(ancestor, bindings[-1])
            return made if isinstance(made, FunctionFacts) else None
    return None


def made_of(cls: ClassFacts, binding: Binding) -> FunctionFacts | ast.Lambda | None:
    """What ``titles = property(_get_titles)`` in the body of *cls* runs when it is read."""
    match binding.node:
        case ast.Call(func=function, args=[ast.Lambda() as given, *_]) if last_name(function) in PROPERTIES:
            return given
        case ast.Call(func=function, args=[ast.Name(id=name), *_]) if last_name(function) in PROPERTIES:
            bindings = cls.members.get(name) or cls.module.bindings.get(name) or []
            return next((f for b in bindings if (f := cls.module.functions.get(b.node)) is not None), None)
    return None


def expires(node: ast.AST) -> bool:
    """Whether a flush leaves the column to be read again: the database computes it."""
    if is_expression(node):
        return True
    for inner in walk(node):
        match inner:
            case ast.keyword(arg="server_onupdate"):
                return True
            case ast.keyword(arg="onupdate", value=value) if _is_of_sql(value):
                return True
            case ast.Dict(keys=keys, values=values) if any(
                isinstance(k, ast.Constant)
                and (k.value == "server_onupdate" or (k.value == "onupdate" and _is_of_sql(v)))
                for k, v in zip(keys, values, strict=True)
            ):
                # ``Field(sa_column_kwargs={"onupdate": func.now()})``
                return True
            case ast.Call(func=function) if last_name(function) == "Computed":
                return True
    return False


def _is_of_sql(node: ast.expr) -> bool:
    """Whether *node* is something for the database to compute: ``func.now()``, ``text("now()")``, ``utcnow()`` of an extension."""
    match node:
        case ast.Lambda() | ast.Call(func=ast.Name(id="partial")):
            return False
        case ast.Call(func=ast.Name()):
            # What Python computes is given as it is, and called for each row.
            return True
    heads = (n.func for n in walk(node) if isinstance(n, ast.Call))
    return any(
        last_name(h) in _OF_SQL or (isinstance(h, ast.Attribute) and last_name(h.value) == "func") for h in heads
    )


def is_expression(node: ast.AST) -> bool:
    """Whether the column is an expression, ``column_property(first + last)``: what it is may depend on other rows."""
    match node:
        case ast.Call(func=function, args=[first, *_]) if last_name(function) == "column_property":
            return not (isinstance(first, ast.Call) and last_name(first.func) in ("Column", "mapped_column"))
        case ast.Call(func=function, args=[first]) if last_name(function) == "deferred":
            return is_expression(first)
    return False


def counts(node: ast.AST) -> bool:
    """Whether the column is an expression about other rows: ``column_property(select(func.count(Post.id))...)``."""
    names = ("select", "exists", "scalar_subquery", "as_scalar", "subquery", "query")
    calls = (n for n in walk(node) if isinstance(n, ast.Call))
    return is_expression(node) and any(last_name(call.func) in names for call in calls)


def group_of(node: ast.AST) -> str | None:
    """The group that the deferred column is loaded with."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    values = [k.value for k in keywords if k.arg in ("group", "deferred_group")]
    return next((v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)), None)
