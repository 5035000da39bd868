"""Query classes of the program: which methods of ``Query`` one of them, or a class of sessions, may have changed.

A class that only adds methods leaves the others what they are. One that overrides a method changes it, and every method that calls it:
``filter_by()`` goes through ``filter()``, ``first_or_404()`` through ``first()``. What SQLAlchemy does under a private name is nobody's to
override without changing everything; so does a base class that is no part of the program and not known here.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import replaced
from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name, local_names
from alchemove_codemods.query_kinds import QueryClass, together
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.values import Class, External, Nothing, Query, Unknown, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.analysis.models import Models

_PLAIN_BASES = frozenset(
    {
        "builtins.object",
        "object",
        "typing.Generic",
        "oslo_db.sqlalchemy.orm.Query",
        "sqlalchemy_searchable.SearchQueryMixin",
    }
)
"""Foreign base classes that override nothing of Query."""

_CALLED_BY = {
    "filter": ("where", "filter_by", "with_parent"),
    "join": ("outerjoin",),
    "limit": ("first", "first_or_404", "paginate"),
    "offset": ("paginate",),
    "order_by": ("paginate",),
    "all": ("paginate",),
    "count": ("paginate",),
    "first": ("first_or_404",),
    "get": ("get_or_404",),
    "one": ("one_or_404", "scalar", "count"),
    "one_or_none": ("one", "one_or_404", "scalar", "count"),
    "scalar": ("count",),
    "scalar_subquery": ("as_scalar",),
    "as_scalar": ("scalar_subquery",),
    "slice": ("__getitem__", "first", "first_or_404"),
    "values": ("value",),
    "add_columns": ("add_column", "exists"),
    "subquery": ("from_self", "count"),
    "enable_eagerloads": ("subquery", "cte", "label", "scalar_subquery", "as_scalar", "exists", "count", "from_self"),
    "from_self": ("count", "union", "union_all", "intersect", "intersect_all", "except_", "except_all"),
    "union": ("union_all",),
    "set_label_style": ("with_labels", "apply_labels", "from_self", "count", "exists"),
    "with_labels": ("apply_labels",),
}
"""What Query and Flask-SQLAlchemy's own subclass call under a public name, in SQLAlchemy 1.3 to 2.1."""

_READ_BY_ALL = frozenset(
    {"session", "statement", "dispatch", "logger", "lazy_loaded_from", "instances", "merge_result"}
)
"""What Query reads of itself wherever it is run or compiled."""

_RUNNING = ("query", "execute", "scalars", "scalar", "get")
"""Methods of a session that make a query, or that only one of Query and ``select()`` is run by."""

_FOR_ONE_ATTRIBUTE = frozenset({"query_property", "relationship", "dynamic_loader", "relation", "backref"})

_OF_THE_EXTENSION = frozenset({"get_or_404", "one_or_404", "paginate"})
"""Methods of Flask-SQLAlchemy's query class that become functions of its extension object."""


def own_class(knowledge: Knowledge, value: Value | None, written: ast.expr | None) -> QueryClass:
    """The query class that *value* is: None for SQLAlchemy's own, a text (how it is *written*) if it may do anything."""
    match value:
        case External(name=name, top="sqlalchemy") if name.endswith(".Query"):
            return None
        case Nothing():
            return None  # the default; pop("query_cls", None) takes back what was put
        case Class(facts=facts):
            return (facts,) if _is_known(knowledge.models, facts) else facts.name
        case None | Unknown() if isinstance(written, ast.Attribute) and (classes := _assigned(knowledge, written.attr)):
            return functools.reduce(together, (own_class(knowledge, cls, node) for cls, node in classes))
        case None | Unknown() if written is not None:
            # A name that stands for one of the classes that there are: a parameter, an attribute.
            return tuple(_all_of_them(knowledge)) or ast.unparse(written)
    return ast.unparse(written) if written is not None else "query_class"


def _assigned(knowledge: Knowledge, name: str) -> list[tuple[Value, ast.expr]]:
    """All classes that attributes called *name* hold in the program, none if one of them is not known: ``self.Query = orm.Query``."""
    classes: list[tuple[Value, ast.expr]] = []
    for path in knowledge.program.naming(name):
        if is_test_file(path) or (module := knowledge.program.module(path)) is None:
            continue
        source = module.source
        defined = {each.name for each in source.of_kind(ast.ClassDef)} | {
            f.name for f in source.of_kind(ast.FunctionDef)
        }
        if name in defined or any(each.value == name for each in source.of_kind(ast.Constant)):
            return []
        given = {target: each.value for each in source.of_kind(ast.Assign) for target in each.targets}
        named: list[ast.Attribute | ast.Name] = [*source.of_kind(ast.Attribute), *source.of_kind(ast.Name)]
        for node in named:
            if last_name(node) == name and isinstance(node.ctx, ast.Store):
                if (value := given.get(node)) is None:
                    return []
                classes.append((_at_module_level(knowledge, module, value), value))
    return [] if any(isinstance(value, Unknown) for value, _ in classes) else classes


def _at_module_level(knowledge: Knowledge, module: ModuleFacts, node: ast.expr) -> Value:
    """What *node* is, wherever in *module* it stands: unknown if it begins with a name that a function has of its own."""
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    functions = (*module.source.of_kind(ast.FunctionDef), *module.source.of_kind(ast.AsyncFunctionDef))
    if any(names & local_names(function) for function in functions):
        return Unknown()
    return knowledge.static(module, node)


def of_extension(knowledge: Knowledge) -> QueryClass:
    """The query class that the ``SQLAlchemy`` object of the program was made with, None for the default one."""
    for module, call, keyword in _given(knowledge):
        if keyword.arg == "query_class" and (last_name(call.func) or "").endswith(("SQLAlchemy", "SQLA")):
            return own_class(knowledge, knowledge.static(module, keyword.value), keyword.value)
    return None


def of_any_session(knowledge: Knowledge) -> QueryClass:
    """The query class of a session that nobody saw being made: any of those that the program gives to one."""
    if knowledge.any_query_class is None:
        custom: QueryClass = None
        for module, _, keyword in _given(knowledge):
            custom = together(custom, own_class(knowledge, knowledge.static(module, keyword.value), keyword.value))
        for cls in _session_classes(knowledge):
            custom = together(custom, of_session_class(knowledge, cls))
        knowledge.any_query_class = (custom,)
    return knowledge.any_query_class[0]


def of_session_class(knowledge: Knowledge, cls: ClassFacts) -> str | None:
    """What the session class *cls* of the program does of its own where a query is made or run, None if nothing."""
    for ancestor in knowledge.models.ancestors(cls):
        own = next((name for name in _RUNNING if name in ancestor.members), None)
        if own is None and "query_cls" in ancestor.module.source.segment(ancestor.node):
            own = "query_cls"
        if own is not None:
            return f"{ancestor.name}.{own}"
    return None


def out_of_calls(knowledge: Knowledge) -> QueryClass:
    """The query class that sessions may get by other ways than the argument of a call: ``{"query_cls": X}``, ``session._query_cls = X``."""
    if knowledge.query_class_out_of_calls is None:
        custom: QueryClass = None
        for path in knowledge.program.mentioning(b"query_cls"):
            if is_test_file(path) or (module := knowledge.program.module(path)) is None:
                continue
            for value in _put(module):
                custom = together(custom, own_class(knowledge, knowledge.static(module, value), value))
        knowledge.query_class_out_of_calls = (custom,)
    return knowledge.query_class_out_of_calls[0]


def _put(module: ModuleFacts) -> Iterator[ast.expr]:
    """What *module* puts under the name of the query class into dictionaries and objects."""
    for written in module.source.of_kind(ast.Dict):
        for key, value in zip(written.keys, written.values):
            if isinstance(key, ast.Constant) and key.value == "query_cls":
                yield value
    for call in module.source.of_kind(ast.Call):
        match call:
            case ast.Call(func=ast.Name(id="dict") | ast.Attribute(attr="update"), keywords=keywords):
                yield from (k.value for k in keywords if k.arg == "query_cls")
            case ast.Call(args=[*_, ast.Constant(value="query_cls" | "_query_cls"), value]):
                yield value
    for statement in module.source.of_kind(ast.Assign):
        for target in statement.targets:
            match target:
                case ast.Subscript(slice=ast.Constant(value="query_cls")) | ast.Attribute(attr="_query_cls"):
                    yield statement.value


def _session_classes(knowledge: Knowledge) -> Iterator[ClassFacts]:
    """The classes of sessions that the program defines outside of its tests."""
    from alchemove_codemods.analysis.annotations import session_flavour

    for path in knowledge.program.mentioning(b"ession)", b"ession,", b"ession]"):
        wanted = not is_test_file(path) and b"class " in knowledge.program.raw[path]
        module = knowledge.program.module(path) if wanted else None
        for cls in module.classes.values() if module is not None else ():
            named = any("ession" in ast.unparse(base) for base in cls.node.bases)
            if named and session_flavour(knowledge, Class(cls)) not in (None, "async"):
                yield cls


def _given(knowledge: Knowledge) -> Iterator[tuple[ModuleFacts, ast.Call, ast.keyword]]:
    """The calls of the program that give a session, or all of its sessions, a query class."""
    for path in knowledge.program.mentioning(b"query_class=", b"query_cls="):
        module = knowledge.program.module(path)
        for call in module.source.of_kind(ast.Call) if module is not None else ():
            for keyword in call.keywords if last_name(call.func) not in _FOR_ONE_ATTRIBUTE else ():
                if keyword.arg in ("query_class", "query_cls") and module is not None:
                    yield module, call, keyword


def _all_of_them(knowledge: Knowledge) -> Iterator[ClassFacts]:
    """The query classes that the program defines."""
    for path in knowledge.program.mentioning(b"Query)", b"Query,"):
        module = knowledge.program.module(path)
        for cls in module.classes.values() if module is not None else ():
            bases = knowledge.models.lineage(cls)
            if any(isinstance(base, str) and base.endswith("Query") for base in bases) and _is_known(
                knowledge.models, cls
            ):
                yield cls


def overrides(knowledge: Knowledge, query: Query, name: str) -> bool:
    """Whether the method *name* of *query* may do something else than Query's own."""
    custom, own = query.query_class, set(replaced.of_queries(knowledge))
    if custom is None and not own:
        return False
    if isinstance(custom, str):
        return True
    if custom is not None and name in _OF_THE_EXTENSION and query.flavour != "flask":
        return True  # the session is of no extension object that could have these functions
    for each in custom or ():
        own |= {member for ancestor in knowledge.models.ancestors(each) for member in ancestor.members}
    if knowledge.sqlalchemy is not None and knowledge.sqlalchemy[0] >= (1, 4) and "__iter__" in own:
        # all(), first() and the like go through the query since 1.4 without it.
        own -= {"__iter__"}
        if name in ("__iter__", "__getitem__"):
            return True
    if any(_is_private(member) or member in _READ_BY_ALL for member in own):
        return True
    return name in own or any(name in _CALLED_BY.get(member, ()) for member in own)


def _is_private(member: str) -> bool:
    return member.startswith("_") and member not in ("__doc__", "__module__", "__slots__")


def _is_known(models: Models, cls: ClassFacts) -> bool:
    """Whether everything is known that *cls* may override: its bases are of the program, or Query itself."""
    return (
        all(isinstance(base, ClassFacts) or _is_query(base) for base in models.lineage(cls)) and not cls.node.keywords
    )


def _is_query(base: str | None) -> bool:
    """Whether the foreign class *base* is Query, or overrides nothing of it."""
    if base is None:
        return False
    top, last = base.split(".", 1)[0], base.rsplit(".", 1)[-1]
    return base in _PLAIN_BASES or (top in ("sqlalchemy", "flask_sqlalchemy") and last in ("Query", "BaseQuery"))
