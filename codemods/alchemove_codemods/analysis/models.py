"""The mapped classes of the program: which classes are mapped, and what their attributes are."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import declared, extension_bases, loose
from alchemove_codemods.analysis.declared import Attribute, snake, table_name
from alchemove_codemods.analysis.names import (
    COLUMN_CALLS,
    RELATIONSHIP_CALLS,
)
from alchemove_codemods.facts import Binding, ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class, External, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


_FEW = 8
"""How many names a family is searched for, class by class, before an index of all of them is made."""


class Family:
    """Classes of the program that share an ancestor, directly or by way of each other."""

    def __init__(self, classes: Iterable[ClassFacts]) -> None:
        self.classes = tuple(classes)
        self._named: dict[str, list[FunctionFacts]] = {}

    def named(self, name: str) -> list[FunctionFacts]:
        """The methods *name*, in the order of the classes.

        A family may have thousands of classes, and there may be hundreds of families that differ in one class: the few names that
        most are asked for are not worth an index.
        """
        found = self._named.get(name)
        if found is None:
            few = len(self._named) < _FEW
            defining = [c for c in self.classes if name in c.members] if few else self._defining.get(name, ())
            found = self._named[name] = [f for f in (_called(member, name) for member in defining) if f is not None]
        return found

    @functools.cached_property
    def first(self) -> ClassFacts:
        """The class that stands first in the program: the same one for all of the family."""
        return min(self.classes, key=lambda c: (c.module.path, c.node.lineno))

    @functools.cached_property
    def _defining(self) -> dict[str, list[ClassFacts]]:
        found: dict[str, list[ClassFacts]] = {}
        for member in self.classes:
            for name in member.members:
                found.setdefault(name, []).append(member)
        return found

    @property
    def functions(self) -> list[FunctionFacts]:
        """All methods, those of one name together."""
        return [f for name in self._defining for f in self.named(name)]


def _called(cls: ClassFacts, name: str) -> FunctionFacts | None:
    """What a call of the member *name* of *cls* runs, None if that is no function defined there."""
    bindings = cls.members[name]
    if bindings[-1].kind != "function":
        return None
    defined = [cls.module.functions.get(b.node) for b in bindings if b.kind == "function"]
    called = [f for f in defined if f is not None and not f.decorated(*_BESIDE)]
    return called[-1] if called else None


_BESIDE = ("setter", "deleter", "expression", "inplace_expression", "comparator", "update_expression", "overload")
"""Decorators of a function that stands beside the one whose name it has, instead of replacing it."""


class Models:
    """Answers questions about mapped classes; asks *knowledge* what names mean."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._bases: dict[ClassFacts, list[Value]] = {}
        self._mapped: dict[ClassFacts, bool] = {}
        self._attributes: dict[tuple[ClassFacts, str], Attribute | None] = {}
        self._own: dict[ClassFacts, dict[str, Attribute]] = {}
        self._backrefs: dict[str, list[tuple[ClassFacts, str, ast.Call, ast.expr]]] | None = None
        self._backref_names: frozenset[str] | None = None
        self._later: dict[ClassFacts, dict[str, Attribute]] = {}
        self._eager: dict[ClassFacts, bool] = {}
        self._joined_loosely: tuple[loose.Owners] | None = None
        self._subclasses: dict[str, list[ClassFacts]] = {}
        self._below: dict[ClassFacts, list[ClassFacts]] = {}
        self._lineages: dict[ClassFacts, list[ClassFacts | str | None]] = {}
        self._ancestors: dict[ClassFacts, list[ClassFacts]] = {}
        self._hooks: dict[ClassFacts, bool] = {}
        self._families: dict[ClassFacts, Family] = {}
        self._open = 0

    def bases(self, cls: ClassFacts) -> list[Value]:
        """What the base expressions of *cls* are."""
        if cls not in self._bases:
            self._bases[cls] = []
            self._open += 1
            try:
                values = [self._knowledge.static(cls.module, declared.unsubscripted(b), cls) for b in cls.node.bases]
                # ``class Base`` and then ``Base = declarative_base(cls=Base)``: it is all of them.
                flat = [part for value in values for part in parts(value)]
                self._bases[cls] = [*flat, *self._given_to_factories(cls)]
            finally:
                self._open -= 1
        return self._bases[cls]

    def _given_to_factories(self, cls: ClassFacts) -> Iterator[Value]:
        """The classes that ``declarative_base(cls=...)`` or ``SQLAlchemy(model_class=...)`` was given to make the bases of *cls*."""
        program = self._knowledge.program
        for base in cls.node.bases:
            given_class = extension_bases.given(self._knowledge, cls.module, base)
            if given_class is not None:
                yield Class(given_class)
            origin = program.origin_of(cls.module, base)
            home = program.module(origin[0]) if origin is not None and origin[0] in program.raw else None
            for binding in home.bindings.get(origin[1], ()) if home is not None and origin is not None else ():
                if home is not None:
                    yield from map(Class, extension_bases.given_to_factory(self._knowledge, home, binding.node))

    def lineage(self, cls: ClassFacts) -> list[ClassFacts | str | None]:
        """*cls* and its bases, nearest first: classes of the program, names of foreign ones, None for unknown."""
        known = self._lineages.get(cls)
        if known is None:
            known = list(self._lineage(cls, set()))
            # While the bases of some class are being looked up they count as none: that is no answer to keep.
            if not self._open:
                self._lineages[cls] = known
            else:
                self._knowledge.program.cuts += 1
        return known

    def _lineage(self, cls: ClassFacts, seen: set[ClassFacts]) -> Iterator[ClassFacts | str | None]:
        if cls in seen:
            return
        seen.add(cls)
        yield cls
        for base in self.bases(cls):
            match base:
                case Class(facts=facts):
                    yield from self._lineage(facts, seen)
                case External(name=name):
                    yield name
                case _:
                    yield None

    def has_hooks(self, cls: ClassFacts) -> bool:
        """Whether a base class of *cls* outside the program may call its methods."""
        known = self._hooks.get(cls)
        if known is None:
            foreign = [c for c in self.lineage(cls) if not isinstance(c, ClassFacts)]
            known = any(c is None or not declared.is_neutral_base(c) for c in foreign)
            if cls in self._lineages:
                self._hooks[cls] = known
        return known

    def ancestors(self, cls: ClassFacts) -> list[ClassFacts]:
        """*cls* and the classes of the program among its bases."""
        known = self._ancestors.get(cls)
        if known is None:
            known = [c for c in self.lineage(cls) if isinstance(c, ClassFacts)]
            if cls in self._lineages:
                self._ancestors[cls] = known
        return known

    def closed(self, cls: ClassFacts) -> bool:
        """Whether everything *cls* inherits is known (the ORM's own bases count as known)."""
        return all(
            c is not None and (isinstance(c, ClassFacts) or declared.is_base(c) or c in declared.NEUTRAL_BASES)
            for c in self.lineage(cls)
        )

    def subclasses(self, cls: ClassFacts) -> list[ClassFacts]:
        """The classes of the program that have *cls* among their bases, in files that name it."""
        if cls in self._below:
            return self._below[cls]
        found: list[ClassFacts] = []
        pending = [cls]
        while pending:
            current = pending.pop()
            for candidate in self._inheriting_from(current):
                if candidate not in found and candidate is not cls and current in self.ancestors(candidate):
                    found.append(candidate)
                    pending.append(candidate)
        if not self._open:
            self._below[cls] = found
        return found

    def _inheriting_from(self, cls: ClassFacts) -> Iterator[ClassFacts]:
        for name in (cls.name, *sorted(extension_bases.names(self._knowledge, cls))):
            yield from self._inheriting_by_name(name)

    def _inheriting_by_name(self, name: str) -> list[ClassFacts]:
        """The classes of the program with a base of that name, or of a name under which it is imported somewhere."""
        if name not in self._subclasses:
            program = self._knowledge.program
            names = {name, *program.renamings.get(name, ())}
            found: dict[ClassFacts, None] = {}
            for path in dict.fromkeys(p for n in sorted(names) for p in program.inheriting.get(n, ())):
                module = program.module(path)
                for facts in module.classes.values() if module else ():
                    if any(last_name(declared.unsubscripted(base)) in names for base in facts.node.bases):
                        found[facts] = None
            self._subclasses[name] = list(found)
        return self._subclasses[name]

    def family(self, cls: ClassFacts) -> Family:
        """All classes of the program that share an ancestor with *cls* by inheritance; one object for all of them."""
        known = self._families.get(cls)
        if known is None:
            members = {cls: None}
            found = [cls]
            for member in found:
                for other in (*self.ancestors(member), *self.subclasses(member)):
                    if other not in members:
                        members[other] = None
                        found.append(other)
            known = Family(found)
            if not self._open:
                self._families.update(dict.fromkeys(found, known))
        return known

    def is_mapped(self, cls: ClassFacts) -> bool:
        """Whether *cls* is proved to be a mapped class (or a mapped base that only its subclasses are queried through)."""
        if cls not in self._mapped:
            self._mapped[cls] = False
            self._mapped[cls] = self._decide_mapped(cls)
        return self._mapped[cls]

    def _decide_mapped(self, cls: ClassFacts) -> bool:
        lineage = list(self.lineage(cls))
        names = [name for name in lineage if isinstance(name, str)]
        if any(name.split(".")[0] == "sqlmodel" for name in names) and not any(
            declared.declares_table(c) for c in lineage if isinstance(c, ClassFacts)
        ):
            return False
        if any(declared.is_base(name) for name in names):
            return True
        if any(c is not cls and isinstance(c, ClassFacts) and self.is_mapped(c) for c in lineage):
            return True
        own = self.own(cls)
        if "__tablename__" in cls.members or "__table__" in cls.members:
            return True
        if any(a.kind == "column" for a in own.values()) and self._columns_are_sqlalchemy(cls):
            return True
        if any(last_name(d) in ("mapped", "mapped_as_dataclass", "as_declarative") for d in cls.node.decorator_list):
            return True
        return cls.name.encode() in self._imperative()

    def _columns_are_sqlalchemy(self, cls: ClassFacts) -> bool:
        for attribute in self.own(cls).values():
            if isinstance(attribute.node, ast.Call):
                value = self._knowledge.static(cls.module, attribute.node.func, cls)
                if isinstance(value, External) and value.top in ("sqlalchemy", "flask_sqlalchemy"):
                    return True
        return False

    def _imperative(self) -> frozenset[bytes]:
        """Names of classes that are mapped by ``mapper(...)`` or ``map_imperatively(...)``."""
        cached: frozenset[bytes] | None = getattr(self, "_imperative_names", None)
        if cached is None:
            names = set()
            for path in self._knowledge.program.mentioning(b"map_imperatively", b"mapper("):
                module = self._knowledge.program.module(path)
                for node in module.source.nodes if module else ():
                    if (
                        isinstance(node, ast.Call)
                        and last_name(node.func) in ("map_imperatively", "mapper")
                        and node.args
                    ):
                        name = last_name(node.args[0])
                        if name and len(node.args) > 1:
                            names.add(name.encode())
            cached = self._imperative_names = frozenset(names)
        return cached

    def own(self, cls: ClassFacts) -> dict[str, Attribute]:
        """The mapped attributes that the body of *cls* defines."""
        if cls not in self._own:
            self._own[cls] = {}
            # Columns first: which way a relationship points is read off the foreign keys.
            related = {name for name, bindings in cls.members.items() if declared.is_relationship(cls, bindings[-1])}
            for relationships in (False, True):
                for name, bindings in cls.members.items():
                    if (name in related) == relationships:
                        attribute = self._attribute_of(cls, name, declared.first_of(name, bindings))
                        if attribute is not None:
                            self._own[cls][name] = attribute
        return self._own[cls]

    def attribute(self, cls: ClassFacts, name: str) -> Attribute | None:
        """The attribute *name* of *cls*, inherited ones and backrefs included; None if there is no such."""
        key = (cls, name)
        if key not in self._attributes:
            self._attributes[key] = None
            for ancestor in self.ancestors(cls):
                own = self.own(ancestor).get(name)
                if own is not None and own.kind == "other":
                    # ``score = None`` announces what the module assigns later.
                    own = self.given_later(ancestor).get(name, own)
                if own is not None:
                    self._attributes[key] = own
                    break
            else:
                for ancestor in self.ancestors(cls):
                    later = self.given_later(ancestor).get(name)
                    if later is not None:
                        self._attributes[key] = later
                        return later
                for ancestor in self.ancestors(cls):
                    for source, backref, call, option in self.backrefs().get(ancestor.name, ()):
                        if backref == name:
                            self._attributes[key] = self._backref(ancestor, source, call, option)
        return self._attributes[key]

    def given_later(self, cls: ClassFacts) -> dict[str, Attribute]:
        """What its module assigns to the finished class: ``User.posts = relationship(...)``."""
        if cls not in self._later:
            found: dict[str, Attribute] = {}
            for node in cls.module.source.tree.body:
                match node:
                    case ast.Assign(
                        targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)], value=ast.Call() as call
                    ) if owner == cls.name:
                        attribute = self._attribute_of(cls, name, Binding("value", call))
                        if attribute is not None and attribute.kind != "other":
                            found[name] = attribute
            self._later[cls] = found
        return self._later[cls]

    def _attribute_of(self, cls: ClassFacts, name: str, binding: Binding) -> Attribute | None:
        match binding:
            case Binding(kind="value", node=ast.Call() as call):
                function = last_name(call.func)
                if function in COLUMN_CALLS or (function == "Field" and _sqlmodel_table(self, cls)):
                    return declared.column(cls, call)
                if function in RELATIONSHIP_CALLS:
                    return self._relationship(cls, call, binding.annotation)
                if function in ("association_proxy", "hybrid_property", "aliased"):
                    return Attribute("hybrid", cls, call)
                if function == "declared_attr":
                    return Attribute("column", cls, call)
                if binding.annotation is not None and last_name(declared.head(binding.annotation)) == "Mapped":
                    return Attribute("column", cls, call)
                if function and function.endswith("Column"):
                    return declared.column(cls, call)
                return Attribute("other", cls, call)
            case Binding(kind="value", annotation=annotation, node=node):
                if annotation is not None and last_name(declared.head(annotation)) in (
                    "Mapped",
                    "DynamicMapped",
                    "WriteOnlyMapped",
                ):
                    return Attribute("column", cls, node)
                if annotation is not None and _sqlmodel_table(self, cls):
                    return Attribute("column", cls, node)
                return Attribute("other", cls, node)
            case Binding(kind="function", node=ast.FunctionDef() | ast.AsyncFunctionDef() as node):
                names = {last_name(d) for d in node.decorator_list} | {
                    part for d in node.decorator_list for part in declared.dotted_parts(d)
                }
                if "declared_attr" in names:
                    returned = [s.value for s in node.body if isinstance(s, ast.Return)]
                    if len(returned) == 1 and isinstance(returned[0], ast.Call):
                        if last_name(returned[0].func) in RELATIONSHIP_CALLS:
                            return self._relationship(cls, returned[0], None)
                        return declared.column(cls, returned[0])
                    return Attribute("column" if not name.startswith("__") else "other", cls, node)
                if names & {"hybrid_property", "expression", "comparator", "inplace"}:
                    return Attribute("hybrid", cls, node)
                return Attribute("method", cls, node)
        return None

    def _relationship(self, cls: ClassFacts, call: ast.Call, annotation: ast.expr | None) -> Attribute:
        options = {k.arg: k.value for k in call.keywords if k.arg}
        target = self._target(cls, call, annotation)
        secondary = "secondary" in options or (len(call.args) > 1)
        foreign = self._many_to_one(cls, target, options) if not secondary else False
        scalar = declared.is_false(options.get("uselist")) or declared.scalar_annotation(annotation) or foreign is True
        lazy = declared.lazy(options.get("lazy"))
        if (
            "sa_relationship_kwargs" in options
            or "sa_relationship" in options
            or any(k.arg is None for k in call.keywords)
        ):
            lazy = declared.lazy_in(options.get("sa_relationship_kwargs"))
        if (annotation is not None and last_name(declared.head(annotation)) == "DynamicMapped") or last_name(
            call.func
        ) == "dynamic_loader":
            lazy = "dynamic"
        return Attribute(
            "relationship", cls, call, target=target, collection=not scalar, many_to_one=foreign is True,
            joins_one=foreign is True or (scalar and not secondary and self._joins_one(cls, target, options)), lazy=lazy, secondary=secondary, order_by=options.get("order_by"),
        )  # fmt: skip

    def _backref(self, cls: ClassFacts, source: ClassFacts, call: ast.Call, option: ast.expr) -> Attribute:
        options = {k.arg: k.value for k in option.keywords if k.arg} if isinstance(option, ast.Call) else {}
        forward = {k.arg: k.value for k in call.keywords if k.arg}
        secondary = "secondary" in forward
        foreign = not secondary and "primaryjoin" not in forward and self._many_to_one(cls, source, options) is True
        scalar = declared.is_false(options.get("uselist")) or foreign
        return Attribute(
            "relationship", cls, call, target=source, collection=not scalar, many_to_one=bool(foreign),
            joins_one=bool(foreign) or (scalar and not secondary and self._joins_one(cls, source, forward)), lazy=declared.lazy(options.get("lazy")), secondary=secondary, order_by=options.get("order_by"), by_backref=True,
        )  # fmt: skip

    def backrefs(self) -> dict[str, list[tuple[ClassFacts, str, ast.Call, ast.expr]]]:
        """Name of the class that gets a backref → (class that declares it, attribute, relationship, ``backref=``)."""
        if self._backrefs is None:
            self._backrefs = {}
            for path in self._knowledge.program.mentioning(b"backref"):
                module = self._knowledge.program.module(path)
                for cls in module.classes.values() if module else ():
                    for bindings in cls.members.values():
                        call = bindings[-1].node
                        if isinstance(call, ast.Call) and last_name(call.func) in RELATIONSHIP_CALLS:
                            self._note_backref(cls, call)
        return self._backrefs

    def backref_names(self) -> frozenset[str]:
        """The names of all attributes that a backref of the program makes, in whatever way the class is mapped."""
        if self._backref_names is None:
            program = self._knowledge.program
            modules = filter(None, map(program.module, program.mentioning(b"backref")))
            calls = (call for module in modules for call in module.source.of_kind(ast.Call))
            related = (c for c in calls if last_name(c.func) in RELATIONSHIP_CALLS)
            named = (declared.backref_name(k.value) for c in related for k in c.keywords if k.arg == "backref")
            self._backref_names = frozenset(filter(None, named))
        return self._backref_names

    def _note_backref(self, cls: ClassFacts, call: ast.Call) -> None:
        assert self._backrefs is not None
        for keyword in call.keywords:
            if keyword.arg != "backref":
                continue
            name = declared.backref_name(keyword.value)
            target = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "argument"), None)
            target_name = declared.target_name(target)
            if name is not None and target_name:
                self._backrefs.setdefault(target_name, []).append((cls, name, call, keyword.value))

    def _target(self, cls: ClassFacts, call: ast.Call, annotation: ast.expr | None) -> ClassFacts | None:
        node = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "argument"), None)
        if node is None and annotation is not None:
            node = declared.innermost(annotation)
        if isinstance(node, ast.Lambda):
            node = node.body
        if isinstance(node, (ast.Name, ast.Attribute)):
            value = self._knowledge.static(cls.module, node, cls)
            if isinstance(value, Class):
                return value.facts
        name = declared.target_name(node)
        return self.by_name(name, cls) if name else None

    def by_name(self, name: str, near: ClassFacts) -> ClassFacts | None:
        """The mapped class *name* as the declarative registry finds it: by its name alone."""
        local = near.module.bindings.get(name)
        if local and local[-1].kind == "class":
            return near.module.classes[local[-1].node]  # type: ignore[index]
        value = self._knowledge.program.lookup(near.module, name)
        if isinstance(value, Class):
            return value.facts
        found = [c for c in self._knowledge.classes_named(name) if self.is_mapped(c)]
        return found[0] if len(found) == 1 else None

    def _many_to_one(self, cls: ClassFacts, target: ClassFacts | None, options: dict[str, ast.expr]) -> bool | None:
        if target is None:
            return None
        if target is cls or target in self.ancestors(cls):
            names = declared.column_names(options.get("remote_side"))
            keys = {name for c in self.ancestors(cls) for name, a in self.own(c).items() if a.primary_key}
            return True if names and names <= keys else None
        if "primaryjoin" in options:
            return None
        return self._foreign_keys(cls, target) and not self._foreign_keys(target, cls)

    def _foreign_keys(self, cls: ClassFacts, target: ClassFacts) -> bool:
        tables = {name for c in self.ancestors(target) if (name := declared.table_name(c))}
        tables |= {c.name for c in self.ancestors(target)} | {declared.snake(c.name) for c in self.ancestors(target)}
        for ancestor in self.ancestors(cls):
            for attribute in self.own(ancestor).values():
                if attribute.kind == "column" and not tables.isdisjoint(declared.foreign_tables(attribute.node)):
                    return True
        return False

    def _joins_one(self, cls: ClassFacts, target: ClassFacts | None, options: dict[str, ast.expr]) -> bool:
        """Whether a row of *cls* joins at most one of *target*: by its primary key, or by a reference that is unique there."""
        if target is None or target is cls:
            return False
        attributes = {name: a for c in reversed(self.ancestors(target)) for name, a in self.own(c).items()}
        keys = [name for name, a in attributes.items() if a.primary_key]
        if "primaryjoin" in options:
            return len(keys) == 1 and declared.compares(options["primaryjoin"], target.name, keys[0])
        tables = {name for c in self.ancestors(cls) if (name := declared.table_name(c))}
        tables |= {c.name for c in self.ancestors(cls)} | {declared.snake(c.name) for c in self.ancestors(cls)}
        references = [a for a in attributes.values() if not tables.isdisjoint(declared.foreign_tables(a.node))]
        return len(references) == 1 and (
            declared.is_unique(references[0].node) or (references[0].primary_key and len(keys) == 1)
        )

    def eager_collections(self, cls: ClassFacts, path: tuple[ClassFacts, ...] = ()) -> bool:
        """Whether loading *cls* may join a collection eagerly by default (also below a joined many-to-one)."""
        if cls in path:
            return False
        if cls in self._eager:
            return self._eager[cls]
        answer = not all(self._adds_columns_only(name) for name in self.lineage(cls)) or self._is_given_eager_ones(cls)
        for ancestor in (*self.ancestors(cls), *self.loaded_along(cls)):
            if answer:
                break
            attributes = [*self.own(ancestor).values(), *self.given_later(ancestor).values()]
            for source, _, call, option in self.backrefs().get(ancestor.name, ()):
                attributes.append(self._backref(ancestor, source, call, option))
            for attribute in attributes:
                if attribute.kind != "relationship" or attribute.lazy not in ("joined", "unknown"):
                    continue
                if (
                    not attribute.joins_one
                    or attribute.target is None
                    or self.eager_collections(attribute.target, (*path, cls))
                ):
                    answer = True
                    break
        if not path:
            self._eager[cls] = answer
        return answer

    def _is_given_eager_ones(self, cls: ClassFacts) -> bool:
        if self._joined_loosely is None:
            self._joined_loosely = (loose.joined(self._knowledge),)
        (owners,) = self._joined_loosely
        return owners is None or any(c.name in owners for c in self.ancestors(cls))

    def loaded_along(self, cls: ClassFacts, *, asked: bool = False) -> list[ClassFacts]:
        """The subclasses whose tables a statement about *cls* joins: because the mapping says so, or where it is *asked* to."""
        below = [c for c in self.subclasses(cls) if self.is_mapped(c)]
        whole = asked or any(declared.says(c, "with_polymorphic") for c in self.ancestors(cls))
        return below if whole else [c for c in below if declared.says(c, "polymorphic_load")]

    def is_table_of_class(self, name: str) -> bool:
        """Whether a mapped class of the program has the table *name*, or may have it by a way that is not known."""
        for module in self._knowledge.program.loaded():
            for cls in module.classes.values():
                if name in (table_name(cls), snake(cls.name)) or ("__table__" in cls.members and self.is_mapped(cls)):
                    return True
        return False

    @staticmethod
    def _adds_columns_only(base: ClassFacts | str | None) -> bool:
        """Whether nothing that a class inherits from *base* is loaded along with it, as far as that is no class of the program."""
        return base is not None and (
            isinstance(base, ClassFacts)
            or declared.is_base(base)
            or base in declared.NEUTRAL_BASES
            or base in declared.COLUMNS_ONLY
        )

    def polymorphic(self, cls: ClassFacts) -> bool:
        """Whether a subclass of *cls* in the program is mapped as well."""
        return any(self.is_mapped(c) for c in self.subclasses(cls))

    def inherits(self, cls: ClassFacts) -> bool:
        """Whether *cls* is mapped below another mapped class."""
        return any(c is not cls and self.is_mapped(c) for c in self.ancestors(cls))

    def one_table(self, cls: ClassFacts) -> bool:
        """Whether what is loaded with an object of *cls* is all columns of one table, and nothing else."""
        special = (a.kind == "column" and declared.is_special(a.node) for a in self.own(cls).values())
        return not any(special) and not self.inherits(cls)

    def query_class(self, cls: ClassFacts) -> Value | None:
        """The ``query_class`` of *cls*, None if it has the default one."""
        for ancestor in self.ancestors(cls):
            binding = ancestor.members.get("query_class")
            if binding:
                node = binding[-1].node
                if isinstance(node, ast.ClassDef):
                    return Class(ancestor.module.classes[node])
                return self._knowledge.static(ancestor.module, node, ancestor)  # type: ignore[arg-type]
        return None


def _sqlmodel_table(models: Models, cls: ClassFacts) -> bool:
    return any(isinstance(name, str) and name.split(".")[0] == "sqlmodel" for name in models.lineage(cls))
