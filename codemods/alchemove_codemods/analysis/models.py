"""The mapped classes of the program: which classes are mapped, and what their attributes are."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import column_helpers, declared, loose, relationships
from alchemove_codemods.analysis.declared import Attribute, snake, table_name
from alchemove_codemods.analysis.lineages import Lineages
from alchemove_codemods.analysis.names import COLUMN_CALLS, MAPPING_DECORATORS, RELATIONSHIP_CALLS
from alchemove_codemods.facts import Binding, ClassFacts, last_name
from alchemove_codemods.values import Class, External, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


class Models(Lineages):
    """Answers questions about mapped classes; asks *knowledge* what names mean."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._mapped: dict[ClassFacts, bool] = {}
        self._attributes: dict[tuple[ClassFacts, str], Attribute | None] = {}
        self._own: dict[ClassFacts, dict[str, Attribute]] = {}
        self._backrefs: dict[str, list[tuple[ClassFacts, str, ast.Call, ast.expr]]] | None = None
        self._backref_names: frozenset[str] | None = None
        self._later: dict[ClassFacts, dict[str, Attribute]] = {}
        self._eager: dict[ClassFacts, bool] = {}
        self._joined_loosely: tuple[loose.Owners] | None = None

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
        if any(last_name(d) in {*MAPPING_DECORATORS, "as_declarative"} for d in cls.node.decorator_list):
            return True
        return self.is_imperative(cls)

    def is_imperative(self, cls: ClassFacts) -> bool:
        """Whether the program maps a class of the name of *cls* by ``mapper(...)`` or ``map_imperatively(...)``."""
        return cls.name.encode() in self._imperative

    def _columns_are_sqlalchemy(self, cls: ClassFacts) -> bool:
        for attribute in self.own(cls).values():
            if isinstance(attribute.node, ast.Call):
                value = self._knowledge.static(cls.module, attribute.node.func, cls)
                if isinstance(value, External) and value.top in ("sqlalchemy", "flask_sqlalchemy"):
                    return True
        return False

    @functools.cached_property
    def _imperative(self) -> frozenset[bytes]:
        """Names of classes that are mapped by ``mapper(...)`` or ``map_imperatively(...)``."""
        program = self._knowledge.program
        modules = filter(None, map(program.module, program.mentioning(b"map_imperatively", b"mapper(")))
        calls = (call for module in modules for call in module.source.of_kind(ast.Call))
        mapped = (c.args[0] for c in calls if last_name(c.func) in ("map_imperatively", "mapper") and len(c.args) > 1)
        return frozenset(name.encode() for name in map(last_name, mapped) if name)

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
                            self._attributes[key] = relationships.backref(self, ancestor, source, call, option)
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
                    return relationships.relationship(self, cls, call, binding.annotation)
                if function in ("association_proxy", "hybrid_property", "aliased"):
                    return Attribute("hybrid", cls, call)
                if function == "declared_attr":
                    return Attribute("column", cls, call)
                if binding.annotation is not None and last_name(declared.head(binding.annotation)) == "Mapped":
                    return Attribute("column", cls, call)
                if function and function.endswith("Column"):
                    return declared.column(cls, call)
                return column_helpers.made(self._knowledge, cls, call) or Attribute("other", cls, call)
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
                            return relationships.relationship(self, cls, returned[0], None)
                        return declared.column(cls, returned[0])
                    return Attribute("column" if not name.startswith("__") else "other", cls, node)
                if names & {"hybrid_property", "expression", "comparator", "inplace"}:
                    return Attribute("hybrid", cls, node)
                return Attribute("method", cls, node)
        return None

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

    def class_at(self, cls: ClassFacts, node: ast.expr) -> ClassFacts | None:
        """The class of the program that *node* in the body of *cls* is."""
        value = self._knowledge.static(cls.module, node, cls)
        return value.facts if isinstance(value, Class) else None

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
                attributes.append(relationships.backref(self, ancestor, source, call, option))
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
