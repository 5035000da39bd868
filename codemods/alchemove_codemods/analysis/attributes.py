"""Attributes: of modules, classes, instances, SQL expressions and queries."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import (
    calls,
    configured,
    handover,
    hashing,
    hybrids,
    kept,
    model_queries,
    persistence,
    queries,
    query_properties,
)
from alchemove_codemods.analysis.abstract import is_announced, left_to_subclasses
from alchemove_codemods.analysis.annotations import annotated
from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.records import RowUse
from alchemove_codemods.facts import Binding, ClassFacts, is_super
from alchemove_codemods.joining import join
from alchemove_codemods.pinned import only_below
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Bottom,
    Class,
    Entity,
    Executor,
    External,
    Function,
    Instance,
    Module,
    Paginated,
    Plain,
    Query,
    Row,
    Session,
    Sql,
    Unknown,
    Value,
    certain,
    may_be,
    queries_in,
)  # fmt: skip

_MOCKED = frozenset(
    {
        "return_value",
        "side_effect",
        "assert_called_once",
        "assert_called_with",
        "assert_called_once_with",
        "assert_not_called",
        "call_count",
        "call_args",
        "mock_calls",
    }
)
_TABLE_ATTRIBUTES = frozenset({"c", "columns", "exported_columns", "selected_columns"})
DATABASE = "alchemove.Database"


def attribute(frame: Frame, node: ast.Attribute, value: Value) -> Value:
    """What ``value.name`` is, where *node* is the whole expression."""
    if node.attr in _MOCKED and isinstance(node.value, ast.Attribute) and node.value.attr == "query":
        frame.suspect(node.value, "mocked-query", "mocked-query")
    joined: Value = BOTTOM
    if isinstance(value, Bottom):
        return calls.named_session(frame, node, BOTTOM)
    if isinstance(value, Unknown) and is_super(node.value):
        inherited = _inherited(frame, node)
        if not isinstance(inherited, (Unknown, Bottom)):
            frame.knowledge.settled[node] = inherited
            return inherited
    if isinstance(value, Unknown):
        configured.note_unresolved(frame, node)
        return calls.named_session(frame, node, UNKNOWN)
    possible = certain(value)
    if may_be(value, Query) and not all(isinstance(v, (Query, Bottom)) for v in possible):
        frame.escape(node, value, "mixed-value")
    for part in possible:
        joined = join(joined, _one(frame, node, part))
    unclear = isinstance(joined, (Unknown, Bottom))
    known = isinstance(value, (Instance, Class, External, Session, Sql, Plain, Module))
    if not unclear or known or all(isinstance(v, Instance) and isinstance(v.cls, str) for v in possible):
        frame.knowledge.settled[node] = joined
    return calls.named_session(frame, node, joined) if unclear else joined


def _inherited(frame: Frame, node: ast.Attribute) -> Value:
    """What a property reads that another one of the same object has overridden: ``super().active``."""
    found, own = frame.inherited(node.attr), frame.own_instance()
    if found is None or own is None:
        return UNKNOWN
    member = _member(frame, node, own[1], *found)
    return UNKNOWN if isinstance(member, Function) else member


def _one(frame: Frame, node: ast.Attribute, value: Value) -> Value:
    name = node.attr
    match value:
        case Query():
            return queries.attribute(frame, node, value)
        case Module(facts=facts):
            found = frame.knowledge.program.lookup(facts, name)
            if found is None:
                found = frame.knowledge.program.submodule(facts, name)
            return found if found is not None else UNKNOWN
        case External(name=outer):
            return External(f"{outer}.{name}")
        case Class(facts=facts):
            return _class_attribute(frame, node, value, facts)
        case Entity(model=model):
            if model is None:
                if name == "query" and (created := model_queries.query_of_choice(frame, node, value)) is not None:
                    return created
                configured.note_unknown(frame, node, name)
                return Sql("column", frozenset([value]), name=name)
            return _mapped(frame, value, model, name) or Sql("column", frozenset([value]), name=name)
        case Instance(cls=str() as cls):
            return _foreign(cls, name)
        case Instance(cls=ClassFacts() as cls):
            return _instance_attribute(frame, node, value, cls)
        case Sql():
            return _sql_attribute(value, name)
        case Plain() if queries_in(value):
            frame.escape(node, value, "query-stored")
        case Row():
            frame.note(RowUse(node, value, frame.function))
            return PLAIN
        case Paginated() if name in ("next", "prev", "items"):
            return value if name != "items" else PLAIN
        case Paginated():
            return PLAIN
        case Session(flavour="flask") if name == "session":
            return value
        case Session(flavour=flavour) if name == "query" and flavour != "async":
            frame.suspect(node, "session-query", "query-reference")
            return UNKNOWN
        case Session() if name in ("session_factory", "maker"):
            return Instance("sqlalchemy.orm.sessionmaker")
        case Function(facts=facts) if name == "__wrapped__":
            return value
    return UNKNOWN


_OF_ITS_MAPPING = frozenset({"class_", "entity", "mapper", "parent", "parententity"})
"""What a mapped attribute says of the class that it belongs to: a class or mapper, and nothing of SQL."""


def _sql_attribute(value: Sql, name: str) -> Value:
    if value.kind in ("table", "select"):
        if name in _TABLE_ATTRIBUTES:
            return Sql("table", value.owners, value.opaque, core=value.core, unhashable=value.unhashable)
        marks = hashing.of_attribute(value, name)
        return Sql("column", value.owners, value.opaque, name=name, core=value.core, unhashable=marks)
    if name in _OF_ITS_MAPPING and not value.kind.startswith("bundle"):
        return UNKNOWN
    if value.kind == "relationship" and isinstance(value.target, (Class, Entity)):
        return Sql("expression", value.owners, value.opaque, target=value.target, source=value)
    return Sql(
        value.kind
        if value.kind in ("aggregate", "select", "exists", "option", "bundle", "bundle-entity")
        else "expression",
        value.owners,
        value.opaque,
        core=value.core,
        name=value.name,
        source=value.source or value,
        unhashable=hashing.of_attribute(value, name),
    )


def _foreign(cls: str, name: str) -> Value:
    """An attribute of an object of a class outside the program."""
    last = cls.rsplit(".", 1)[-1]
    if cls.split(".", maxsplit=1)[0] in ("flask_sqlalchemy", "flask_appbuilder", "flask_sqlalchemy_lite") and last in (
        "SQLAlchemy",
        "SQLA",
    ):
        match name:
            case "session":
                return Session("flask", "constructor")
            case "Model":
                return External("flask_sqlalchemy.Model")
            case "engine":
                return Executor("engine")
            case (
                "metadata"
                | "get_or_404"
                | "first_or_404"
                | "one_or_404"
                | "paginate"
                | "init_app"
                | "create_all"
                | "drop_all"
                | "app"
            ):
                return External(f"flask_sqlalchemy.SQLAlchemy.{name}")
        return External(f"sqlalchemy.{name}")
    if cls == DATABASE and name == "sync_session":
        return Session("orm", "constructor")
    if last == "MetaData" or (last == "registry" and name in ("mapped", "metadata")):
        return UNKNOWN
    if last == "registry" and name == "generate_base":
        return External("sqlalchemy.orm.generate_base")
    return UNKNOWN


def _mapped(frame: Frame, owner: Value, cls: ClassFacts, name: str) -> Value | None:
    """The attribute *name* of the mapped class *cls* as a SQL expression that belongs to *owner*."""
    found = frame.knowledge.models.attribute(cls, name)
    if found is None:
        return None
    match found.kind:
        case "column":
            return Sql("column", frozenset([owner]), name=name, unhashable=hashing.of_column(found))
        case "relationship":
            target = Class(found.target) if found.target is not None else None
            return Sql("relationship", frozenset([owner]), name=name, target=target)
        case "hybrid":
            core = hybrids.is_core(found, name, subqueries=only_below(frame.knowledge.sqlalchemy, (2, 0)))
            # What a subquery selects from depends on the statement around it: that gets no other FROM.
            return Sql("expression", frozenset([owner]), opaque=core, name=name, core=core)
    return None


def relationship_of(frame: Frame, value: Value) -> Attribute | None:
    """The mapped attribute behind a relationship expression ``User.addresses``."""
    if isinstance(value, Sql) and value.kind == "relationship" and value.name and len(value.owners) == 1:
        owner = next(iter(value.owners))
        cls = owner.facts if isinstance(owner, Class) else owner.model if isinstance(owner, Entity) else None
        return frame.knowledge.models.attribute(cls, value.name) if cls is not None else None
    return None


def _class_attribute(frame: Frame, node: ast.Attribute, value: Class, cls: ClassFacts) -> Value:
    name, knowledge = node.attr, frame.knowledge
    if name == "query":
        created = model_queries.model_query(frame, node, value)
        if created is not None:
            return created
    if name == "__table__":
        return Sql("table", frozenset([value]), core=True)
    mapped = knowledge.models.is_mapped(cls)
    if mapped or value.some:
        found = _mapped(frame, value, cls, name)
        if found is not None:
            configured.note(frame, node, cls, name)
            return found
    for ancestor in knowledge.models.ancestors(cls):
        bindings = ancestor.members.get(name)
        if bindings:
            member = _member(frame, node, value, ancestor, bindings[-1])
            if name == "query" and mapped and (member == NOTHING or query_properties.is_descriptor(knowledge, member)):
                break  # ``query = None`` keeps the place for what is put there later
            empty = value.some and is_announced(bindings[-1])
            left = left_to_subclasses(frame, node, cls, BOTTOM if member == NOTHING else member) if empty else None
            return left if left is not None else member
        if node.attr in (
            "__name__",
            "__class__",
            "__mro__",
            "metadata",
            "registry",
            "__mapper__",
            "__dict__",
            "__subclasses__",
            "__tablename__",
            "__module__",
            "__doc__",
        ):
            return UNKNOWN
    if mapped and name == "query":
        # Nothing of the program makes it: it may still be a query that is put there from outside.
        frame.suspect(node, "model-query", "model-not-proved")
        return UNKNOWN
    if mapped and not name.startswith("__"):
        return Sql("column", frozenset([value]), name=name, opaque=False)
    if value.some:
        for child in knowledge.models.subclasses(cls)[:8]:
            found = _mapped(frame, value, child, name)
            if found is not None:
                return found
        left = left_to_subclasses(frame, node, cls, BOTTOM) if not mapped else None
        if left is not None:
            return left
    return UNKNOWN


def _member(frame: Frame, node: ast.Attribute, receiver: Value, cls: ClassFacts, binding: Binding) -> Value:
    match binding.kind:
        case "function":
            function = cls.module.functions.get(binding.node)
            if function is None:
                return UNKNOWN
            value = frame.knowledge.function_value(function, cls.module)
            if not isinstance(value, Function):
                return UNKNOWN
            if function.is_property or function.decorated("declared_attr"):
                if isinstance(receiver, Class) and not function.decorated("classproperty", "declared_attr"):
                    return UNKNOWN
                return calls.result_of(frame, function, node)
            if function.decorated("staticmethod"):
                return value
            return Function(function, receiver)
        case "class":
            inner = cls.module.classes.get(binding.node)  # type: ignore[call-overload]
            return Class(inner) if inner is not None else UNKNOWN
        case "value":
            promised = annotated(frame.knowledge, cls.module, binding.annotation, cls)
            if promised is not None:
                return promised
            if isinstance(binding.node, ast.expr) and binding.node is not binding.annotation:
                return frame.knowledge.static(cls.module, binding.node, cls)
        case "import":
            return frame.knowledge.program.imported(binding, cls.module)
    return UNKNOWN


def _instance_attribute(frame: Frame, node: ast.Attribute, value: Instance, cls: ClassFacts) -> Value:
    name, knowledge = node.attr, frame.knowledge
    if name == "__class__":
        return Class(cls, some=True)
    if (
        name == "query"
        and (created := model_queries.model_query(frame, node, Class(cls, some=True), of_instance=True)) is not None
    ):
        return created
    mapped = knowledge.models.attribute(cls, name) if knowledge.models.is_mapped(cls) else None
    if mapped is not None and mapped.kind in ("column", "relationship"):
        if mapped.kind == "column":
            return PLAIN
        if mapped.lazy == "dynamic":
            return queries.dynamic(frame, node, value, mapped)
        target: Value = Instance(mapped.target, stored=True) if mapped.target is not None else UNKNOWN
        return Plain(target) if mapped.collection else target
    found: Value = BOTTOM
    for ancestor in knowledge.models.ancestors(cls):
        bindings = ancestor.members.get(name)
        if bindings and not (bindings[-1].kind == "value" and _is_empty(bindings[-1])):
            member = _member(frame, node, value, ancestor, bindings[-1])
            if bindings[-1].kind == "function":
                return member
            found = join(found, member)
            break
    else:
        found = _of_subclasses(frame, node, value, cls)
        if isinstance(found, Function):
            return found
    left = left_to_subclasses(frame, node, cls, found)
    if left is not None and not knowledge.stores.methods(knowledge.models.family(cls), name):
        return left
    stored: Value = BOTTOM
    pending = False
    for relative in (
        [knowledge.models.family(cls)] if frame.function.owner is not None else knowledge.models.ancestors(cls)
    ):
        pending = knowledge.require_storing(relative, name) or pending
        stored = join(stored, knowledge.read("stored", relative, name, frame.function))
    for query in queries_in(stored):
        knowledge.attributes_holding.setdefault(name, {})[query.component] = None
        knowledge.variables.add(node)
    stored = handover.reheld(frame, node, stored)
    if isinstance(found, (type(UNKNOWN), type(BOTTOM))) or (
        isinstance(found, Instance) and isinstance(found.cls, str) and not isinstance(stored, type(BOTTOM))
    ):
        found = stored if not isinstance(stored, type(BOTTOM)) else found
    elif queries_in(stored):
        found = join(found, stored)
    if isinstance(found, (Unknown, Bottom)) and not frame.recording:
        found = kept.value_of(knowledge, cls, name)
    return found if not isinstance(found, type(BOTTOM)) or pending else UNKNOWN


def _of_subclasses(frame: Frame, node: ast.Attribute, value: Instance, cls: ClassFacts) -> Value:
    """The method *name* that only subclasses of *cls* have: what a base class or mixin expects of them.

    Methods that a family of classes shares by name are taken together, so one of them stands for all.
    """
    models = frame.knowledge.models
    name = node.attr
    candidates = models.family(cls).named(name)
    below = models.subclasses(cls) if candidates else ()
    defining = [c for c in below if name in c.members]
    if not defining or any(c.members[name][-1].kind != "function" for c in defining):
        return BOTTOM
    member = _member(frame, node, value, defining[0], defining[0].members[name][-1])
    return member if isinstance(member, Function) and member.facts in candidates else BOTTOM


def _is_empty(binding: Binding) -> bool:
    """Whether a class attribute only announces one of the instance: ``x = None``, ``x: T``."""
    return binding.annotation is None and isinstance(binding.node, ast.Constant) and binding.node.value is None


def store(frame: Frame, target: ast.Attribute, value: Value, node: ast.expr | None) -> None:
    """``object.name = value``."""
    holder = evaluate_holder(frame, target)
    value = persistence.out_of_sight(frame, value)
    if node is not None:
        frame.mention(node, value)
    match holder:
        case Instance(cls=cls) if not isinstance(cls, str):
            for query in queries_in(value):
                frame.knowledge.attributes_holding.setdefault(target.attr, {})[query.component] = None
            _keep(frame, cls, target.attr, handover.stored_form(frame, value))
            frame.knowledge.settled[target] = value
        case Class(facts=cls):
            frame.escape(target, value, "query-stored")
            _keep(frame, cls, target.attr, value if not queries_in(value) else UNKNOWN)
        case _:
            frame.escape(target, holder, "query-inspected", target.attr)
            frame.escape(target, value, "query-stored")


def _keep(frame: Frame, cls: ClassFacts, name: str, value: Value) -> None:
    """Note what the attribute holds: for objects of *cls*, and for methods of its family, which may run on one."""
    if frame.recording:
        frame.knowledge.write("stored", cls, name, value)
        frame.knowledge.write("stored", frame.knowledge.models.family(cls), name, value)


def evaluate_holder(frame: Frame, target: ast.Attribute) -> Value:
    """The object whose attribute is assigned."""
    from alchemove_codemods.analysis.expressions import evaluate

    return evaluate(frame, target.value)
