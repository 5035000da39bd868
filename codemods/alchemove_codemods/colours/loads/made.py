"""Collections of objects that are made here: their constructor can be given them empty, and then nothing loads them.

``chat.tags = [...]`` loads the collection that it replaces as soon as the new ``chat`` is in the database. There are no rows yet
that it could hold, so ``Chat(subject=..., tags=[])`` is the same, without the statement. Before the object is in the database
nothing is loaded at all (https://docs.sqlalchemy.org/en/20/orm/session_api.html, ``load_on_pending``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.colours.loads.loading import Loading, Lost, Stretch
from alchemove_codemods.colours.loads.options import primary_keys
from alchemove_codemods.colours.loads.scopes import given, loop_around, own_nodes
from alchemove_codemods.colours.loads.typed import mapped_class
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import Binding, ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LISTS = frozenset({"list", "List", "Sequence", "MutableSequence", "Mapped", "Collection", "Iterable"})
_HARMLESS = frozenset({"add", "add_all", "flush", "scalars", "scalar", "get", "get_one"})
_OTHER_MAKING = (b"bulk_replace", b"constructor=", b"MappedAsDataclass", b"mapped_as_dataclass", b"load_on_pending")


@dataclass(frozen=True, slots=True, eq=False)
class _Making:
    """The call ``node`` that can be given a collection, and the ``call`` of the class in ``member`` that it reaches.

    ``keys`` is the primary key of the class.
    """

    node: ast.Call
    member: FunctionFacts
    call: ast.Call
    keys: tuple[str, ...]


class Made:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        # What makes objects in another way than the constructor of a declarative base, or looks at collections that are replaced.
        self._plain = not any(colours.knowledge.program.mentioning(word) for word in _OTHER_MAKING)

    def empty(self, site: Site) -> Loading | None:
        """The call that can be given the collection that *site* replaces; None if it replaces one without loading it.

        Raises:
            Lost: the object is not made here, or something may be in the collection by then.
        """
        function, node = site.function, site.node
        lost = Lost("new-object", function, node)
        statement = function.module.source.parents.get(node)
        match node, statement:
            case ast.Attribute(value=ast.Name() as name, ctx=ast.Store()), ast.Assign() if self._plain:
                pass
            case _:
                raise lost
        typed = mapped_class(self._colours, function, name)
        attribute = self._colours.knowledge.models.attribute(typed[0], node.attr) if typed is not None else None
        making = self._making(function, name, node.attr, typed[0]) if typed is not None else None
        if typed is None or attribute is None or making is None or not self._takes_a_list(typed[0], attribute):
            raise lost
        between = list(self._between(function, name.id, making, statement))
        if not all(self._is_harmless(f, n, attribute, node.attr) for f, n in between):
            raise lost
        if all(self._is_quiet(f, n) for f, n in between):
            return None
        if not self._colours.editable(function):
            raise lost
        stretches = (Stretch(function, making.node, statement),)
        entity, cls = making.call.func, typed[0]
        return Loading(function, making.node, entity, making.member, cls, (), stretches, single=True, made=making.node)

    def is_whole(self, site: Site) -> bool:
        """Whether *site* reads a column of a subclass that the object has, since it is made here."""
        match site.node:
            case ast.Attribute(value=ast.Name() as name, attr=attr, ctx=ast.Load()) if (
                attr in self._colours.graph.special
            ):
                found = given(site.function, site.function.module.source.parents, name)
            case _:
                return False
        if len(found) != 1 or found[0].kind != "value" or not isinstance(found[0].node, ast.Call):
            return False
        for value in parts(self._colours.graph.value(site.function, found[0].node.func)):
            facts = value.facts if isinstance(value, Class) else None
            attribute = self._colours.knowledge.models.attribute(facts, attr) if facts is not None else None
            if (
                attribute is None
                or attribute.kind != "column"
                or self._colours.graph.expires(attribute)
                or is_deferred(attribute.node)
            ):
                return False
        return True

    def _between(
        self, function: FunctionFacts, name: str, making: _Making, statement: ast.Assign
    ) -> Iterator[tuple[FunctionFacts, ast.AST]]:
        """What runs between making the object *name* and giving it the collection.

        Raises:
            Lost: the object is used for more than to be added, or to be given attributes.
        """
        if making.member is not function:
            for result in _returns(making.member):
                own = result.value.id if isinstance(result.value, ast.Name) else None
                yield from self._span(making, making.member, own, making.call, result)
        yield from self._span(making, function, name, making.node, statement)

    def _span(
        self,
        making: _Making,
        function: FunctionFacts,
        name: str | None,
        after: ast.Call,
        until: ast.Assign | ast.Return,
    ) -> Iterator[tuple[FunctionFacts, ast.AST]]:
        source = function.module.source
        if loop_around(function, after) is not loop_around(function, until):
            raise Lost("new-object", function, until)
        for node in own_nodes(function):
            if not hasattr(node, "lineno") or not source.end(after) <= source.start(node) < source.end(until):
                continue
            if (
                isinstance(node, ast.Name)
                and node.id == name
                and not self._is_harmless_use(making, function, node, until)
            ):
                raise Lost("new-object", function, node)
            yield function, node

    def _is_harmless_use(self, making: _Making, function: FunctionFacts, node: ast.Name, until: ast.AST) -> bool:
        parent = function.module.source.parents.get(node)
        match parent:
            case ast.Attribute(ctx=ast.Store(), attr=name):
                return name not in making.keys
            case ast.Call(func=ast.Attribute(value=base, attr="add"), args=[only], keywords=[]) if only is node:
                return self._colours.graph.is_session(function, base)
        return parent is until or isinstance(node.ctx, ast.Store)

    def _is_harmless(self, function: FunctionFacts, node: ast.AST, attribute: Attribute, name: str) -> bool:
        """Whether *node* neither puts rows into the collection nor has it read again."""
        site = self._colours.writes.site(function, node)
        if site is None:
            return True
        if not site.targets:
            return self._reads(site)
        return all(self._keeps_off(f, attribute, name) for f in self._colours.graph.reached(site.targets))

    def _keeps_off(self, function: FunctionFacts, attribute: Attribute, name: str) -> bool:
        if not all(s.targets or self._reads(s) for s in self._colours.graph.sites.get(function, ())):
            return False
        for node in own_nodes(function):
            if isinstance(node, ast.Attribute) and node.attr == name:
                return False
            if isinstance(node, ast.Call) and not attribute.secondary:
                values = parts(self._colours.graph.value(function, node.func))
                if any(isinstance(v, Class) and self._colours.knowledge.models.is_mapped(v.facts) for v in values):
                    return False
        return True

    def _reads(self, site: Site) -> bool:
        if site.kind == "lazy":
            return True
        if site.kind != "io":
            return False
        if site.name in ("execute", "exec"):
            first = site.node.args[0] if isinstance(site.node, ast.Call) and site.node.args else None
            return self._colours.writes.sources.only_reads(site.function, first)
        return site.name in _HARMLESS

    def _is_quiet(self, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* sends nothing, so that the object goes on to be one that is not in the database."""
        site = self._colours.writes.site(function, node)
        return site is None or (site.kind == "io" and site.name == "add")

    def _making(self, function: FunctionFacts, node: ast.Name, name: str, cls: ClassFacts) -> _Making | None:
        found = given(function, function.module.source.parents, node)
        if len(found) != 1 or found[0].kind != "value" or found[0].index is not None:
            return None
        call = found[0].node
        if not isinstance(call, ast.Call) or any(k.arg in (None, name) for k in call.keywords):
            return None
        # Under a key that is given, there may be rows of one that had it before.
        keys = primary_keys(self._colours.knowledge.models, cls)
        if not keys or any(k.arg in keys for k in call.keywords):
            return None
        if self._makes(function, call):
            return _Making(call, function, call, tuple(keys))
        if call.func not in self._colours.knowledge.calls or not self._colours.editable(function):
            return None
        members = self._colours.graph.methods_at(function, call.func)
        return self._through(members[0], function, call, name, tuple(keys)) if len(members) == 1 else None

    def _through(
        self, member: FunctionFacts, function: FunctionFacts, node: ast.Call, name: str, keys: tuple[str, ...]
    ) -> _Making | None:
        """``def create(self, **values): made = self.model(**values); ...; return made``."""
        arguments = getattr(member.node, "args", None)
        if not isinstance(arguments, ast.arguments) or arguments.kwarg is None or member.decorators:
            return None
        rest = arguments.kwarg.arg
        if any(a.arg == name for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)):
            return None
        uses = [n for n in own_nodes(member) if isinstance(n, ast.Name) and n.id == rest]
        made: set[ast.Call] = set()
        for result in _returns(member):
            value = result.value
            if isinstance(value, ast.Name):
                found = given(member, member.module.source.parents, value)
                value = found[0].node if len(found) == 1 and found[0].index is None else None
            if not isinstance(value, ast.Call):
                return None
            if not self._makes(member, value) and not self._makes_own(member, value, function, node):
                return None
            made.add(value)
        if len(made) != 1 or len(uses) != 1:
            return None
        (call,) = made
        taken = [k for k in call.keywords if k.arg is None and k.value is uses[0]]
        return _Making(node, member, call, keys) if taken and all(k.arg != name for k in call.keywords) else None

    def _makes(self, function: FunctionFacts, call: ast.Call) -> bool:
        values = list(parts(self._colours.graph.value(function, call.func)))
        return bool(values) and all(
            isinstance(v, Class)
            and self._colours.knowledge.models.is_mapped(v.facts)
            and self._is_plain(v.facts, v.some)
            for v in values
        )

    def _makes_own(self, member: FunctionFacts, call: ast.Call, function: FunctionFacts, node: ast.Call) -> bool:
        """``self.model(...)`` in *member*, where the class of what *node* is called on says ``model = Chat``."""
        match call.func, node.func:
            case ast.Attribute(value=ast.Name(id=own), attr=name), ast.Attribute(value=receiver):
                if not member.parameters or member.parameters[0].arg != own:
                    return False
            case _:
                return False
        models = self._colours.knowledge.models
        found: list[ClassFacts | None] = []
        for part in parts(self._colours.graph.value(function, receiver)):
            if not isinstance(part, Instance) or not isinstance(part.cls, ClassFacts):
                return False
            found += [self._held(c, name) for c in (part.cls, *models.subclasses(part.cls))]
        return bool(found) and all(c is not None and models.is_mapped(c) and self._is_plain(c) for c in found)

    def _held(self, cls: ClassFacts, name: str) -> ClassFacts | None:
        """The class that the body of *cls*, or of one that it inherits from, gives *name*."""
        for ancestor in self._colours.knowledge.models.ancestors(cls):
            match ancestor.members.get(name, []):
                case []:
                    continue
                case [Binding(node=ast.expr() as node)]:
                    value = self._colours.knowledge.static(ancestor.module, node)
                    return value.facts if isinstance(value, Class) else None
            return None
        return None

    def _is_plain(self, cls: ClassFacts, some: bool = False) -> bool:
        """Whether the constructor of *cls* (or *some* subclass) takes attributes by name, as that of a declarative base does."""
        models = self._colours.knowledge.models
        below = models.subclasses(cls) if some else ()
        return all("__init__" not in c.members for c in (*models.ancestors(cls), *below))

    def _takes_a_list(self, cls: ClassFacts, attribute: Attribute) -> bool:
        if (
            attribute.kind != "relationship"
            or not attribute.collection
            or attribute.lazy in ("dynamic", "write_only", "other")
        ):
            return False
        if not isinstance(attribute.node, ast.Call):
            return False
        if any(isinstance(n, ast.keyword) and n.arg in ("collection_class", "viewonly") for n in walk(attribute.node)):
            return False
        annotations = [
            b.annotation
            for c in self._colours.knowledge.models.ancestors(cls)
            for bindings in c.members.values()
            for b in bindings
            if b.node is attribute.node and b.annotation is not None
        ]
        # ``Mapped[Set["Tag"]]`` is a set.
        return all(_is_of_lists(a) for a in annotations)


def _is_of_lists(annotation: ast.expr) -> bool:
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return _is_of_lists(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return False
        case ast.Subscript(value=head, slice=inner):
            if last_name(head) == "Mapped":
                return _is_of_lists(inner)
            return last_name(head) in _LISTS
    return False


def _returns(function: FunctionFacts) -> Iterator[ast.Return]:
    return (n for n in own_nodes(function) if isinstance(n, ast.Return))
