"""What models of pydantic read of the objects that they are made of: by validation, and as the model of a response."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from alchemove_codemods.analysis.declared import is_deferred
from alchemove_codemods.colours.lazy import EAGER, getter, is_proxy
from alchemove_codemods.colours.loads.forms import Form, Forms, Shape
from alchemove_codemods.colours.loads.loading import Loading, Lost, Stretch
from alchemove_codemods.colours.loads.options import Way
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.loads.statements import Came, entered
from alchemove_codemods.colours.readers import VALIDATING
from alchemove_codemods.colours.validating import RENAMING, is_early
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_DEEPEST = 4
_CALLS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """Reading ``ways`` of what ``loading`` loaded must not load anything any more."""

    loading: Loading
    ways: tuple[Way, ...]


def required_of(loading: Loading, ways: tuple[Way, ...]) -> Required:
    """Reading *ways* of the object at the end of the way of *loading*."""
    return Required(loading, tuple((*loading.way, *way) for way in ways))


def class_of(colours: Colours, loading: Loading) -> ClassFacts | None:
    """The class of the object at the end of the way of *loading*."""
    at = loading.cls
    for name in loading.way:
        attribute = colours.knowledge.models.attribute(at, name) if at is not None else None
        at = attribute.target if attribute is not None else None
    return at


class Methods(Protocol):
    """What :class:`Models` asks of methods."""

    def of_method(self, method: FunctionFacts) -> frozenset[Way] | None:
        """The ways that running *method* of an object reads from it; None if it loads something else as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The expression ``node`` of ``function`` is shown at ``use``; ``came`` and ``stretches`` lead from where it is shown."""

    function: FunctionFacts
    node: ast.expr
    use: ast.AST
    came: Came | None = None
    stretches: tuple[Stretch, ...] = ()
    calls: int = 0


class Models:
    """Answers for one program."""

    def __init__(self, colours: Colours, origins: Origins, methods: Methods) -> None:
        self._colours = colours
        self._origins = origins
        self._methods = methods
        self.forms = Forms(colours)

    def validated(self, function: FunctionFacts, node: ast.Call) -> Iterator[Required]:
        """``UserOut.model_validate(user)``, ``Page[UserOut](items=users)``.

        Raises:
            Lost: what it reads is not known.
        """
        validating = isinstance(node.func, ast.Attribute) and not self.called(function, node.func)
        named = node.func.value if isinstance(node.func, ast.Attribute) and validating else node.func
        shape = self.forms.shape(Form(function.module, named))
        if shape is None or shape.model is None:
            raise Lost("model-reads", function, node)
        if validating:
            if len(node.args) != 1:
                raise Lost("model-reads", function, node)
            yield from self._of_shape(Shown(function, node.args[0], node), shape)
            return
        if node.args or any(k.arg is None for k in node.keywords) or self._reads_more(shape.model):
            raise Lost("model-reads", function, node)
        for keyword in node.keywords:
            form = self.forms.annotation(shape, str(keyword.arg))
            if form is not None:
                yield from self.shown(Shown(function, keyword.value, node), form)

    def called(self, function: FunctionFacts, node: ast.expr) -> list[ClassFacts]:
        """The classes that *node* of *function* may be."""
        return [v.facts for v in parts(self._colours.graph.value(function, node)) if isinstance(v, Class)]

    def shown(self, at: Shown, form: Form) -> Iterator[Required]:
        """What showing *at* in *form* reads.

        Raises:
            Lost: that is not known.
        """
        if self._colours.readers.is_plain(self._colours.graph.value(at.function, at.node)):
            return
        if not list(self.forms.named(form)):
            readers = self._colours.readers
            if any(readers.reads(c, new=True) for c in readers.named(form.module, form.node)):
                # A named tuple, a dataclass or a dictionary with models in it.
                raise Lost("model-reads", at.function, at.node)
            return
        shape = self.forms.shape(form)
        if shape is None:
            raise Lost("model-reads", at.function, at.node)
        yield from self._of_shape(at, shape)

    def _of_shape(self, at: Shown, shape: Shape) -> Iterator[Required]:
        match at.node:
            case ast.Dict(keys=keys, values=values) if not shape.many:
                for key, value in zip(keys, values):
                    if key is None and self._is_data(at.function, value):
                        continue
                    if not isinstance(key, ast.Constant):
                        raise Lost("model-reads", at.function, at.node)
                    form = self.forms.annotation(shape, str(key.value))
                    if form is not None:
                        yield from self.shown(replace(at, node=value), form)
            case ast.ListComp(elt=element) | ast.List(elts=[element]) if shape.many and shape.item is not None:
                if isinstance(element, (ast.Dict, ast.Call)):
                    yield from self.shown(replace(at, node=element), shape.item)
                else:
                    yield from self._objects(at, shape)
            case ast.Await(value=awaited):
                yield from self._of_shape(replace(at, node=awaited), shape)
            case ast.Name() as name if (kept := self._dict(at, name)) is not None:
                yield from self._of_shape(replace(at, node=kept), shape)
            case ast.Call(func=callee) if callee in self._colours.knowledge.calls and self._gives_dicts(at, callee):
                yield from self._returned(at, callee, shape)
            case _:
                yield from self._objects(at, shape)

    def _is_data(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is what a model gives as plain data: ``UserOut.model_validate(user).model_dump()``."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=callee), attr="model_dump" | "dict")):
                named = callee.value if isinstance(callee, ast.Attribute) and callee.attr in VALIDATING else callee
                return self.forms.shape(Form(function.module, named)) is not None
        return False

    def _dict(self, at: Shown, node: ast.Name) -> ast.expr | None:
        """The ``{...}`` that the name *node* is given, and that nobody changes."""
        found = given(at.function, at.function.module.source.parents, node)
        if len(found) != 1 or found[0].kind != "value" or found[0].index is not None:
            return None
        value = found[0].node
        match value:
            case ast.Dict():
                pass
            case ast.Call(func=callee) if callee in self._colours.knowledge.calls and self._gives_dicts(at, callee):
                pass
            case _:
                return None
        for other in own_nodes(at.function):
            match other:
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name == node.id:
                    raise Lost("model-reads", at.function, other)
                case ast.Attribute(value=ast.Name(id=name)) if name == node.id:
                    raise Lost("model-reads", at.function, other)
        return value

    def _gives_dicts(self, at: Shown, callee: ast.expr) -> bool:
        return any(
            isinstance(r.value, ast.Dict) or self._is_dict_name(m, r.value) for m, r in self._results(at, callee)
        )

    def _is_dict_name(self, function: FunctionFacts, node: ast.expr | None) -> bool:
        if not isinstance(node, ast.Name):
            return False
        found = given(function, function.module.source.parents, node)
        return any(isinstance(each.node, ast.Dict) for each in found)

    def _results(self, at: Shown, callee: ast.expr) -> Iterator[tuple[FunctionFacts, ast.Return]]:
        for member in self._colours.graph.methods_at(at.function, callee):
            for node in own_nodes(member):
                if isinstance(node, ast.Return):
                    yield member, node

    def _returned(self, at: Shown, callee: ast.expr, shape: Shape) -> Iterator[Required]:
        if at.calls > _CALLS:
            raise Lost("model-reads", at.function, callee)
        stretches = (*at.stretches, Stretch(at.function, at.node, at.use))
        for member, result in self._results(at, callee):
            if result.value is not None:
                came = entered(at.came, member, at.node, at.function)
                yield from self._of_shape(
                    Shown(member, result.value, result.value, came, stretches, at.calls + 1), shape
                )

    def _objects(self, at: Shown, shape: Shape) -> Iterator[Required]:
        model, given_in = shape.model, shape
        if shape.many:
            inner = self.forms.shape(shape.item) if shape.item is not None else None
            if inner is None or inner.many:
                raise Lost("model-reads", at.function, at.node)
            model, given_in = inner.model, inner
        if model is None:
            raise Lost("model-reads", at.function, at.node)
        found = self._origins.of(at.function, at.node, at.use, many=shape.many, came=at.came, stretches=at.stretches)
        for loading in found:
            cls = class_of(self._colours, loading)
            if cls is None:
                raise Lost("statement-form", loading.function, loading.node)
            ways = self.of_model(given_in, cls)
            if ways is None:
                raise Lost("model-reads", at.function, at.node)
            yield required_of(loading, tuple(sorted(ways)))

    def of_model(self, shape: Shape, cls: ClassFacts, depth: int = 0) -> frozenset[Way] | None:
        """The ways that turning an object of *cls* into the model of *shape* reads; None if that is not known."""
        if depth > _DEEPEST or shape.model is None or self._reads_more(shape.model):
            return None
        found: set[Way] = set()
        for name, module, annotation in self.forms.fields(shape.model):
            ways = self._field(name, Form(module, annotation, shape.given), cls, depth)
            if ways is None:
                return None
            found |= ways
        return frozenset(found)

    def _field(self, name: str, form: Form, cls: ClassFacts, depth: int) -> frozenset[Way] | None:
        knowledge = self._colours.knowledge
        attribute = knowledge.models.attribute(cls, name)
        if (method := getter(knowledge, cls, name)) is not None:
            return None if self._is_another_below(cls, name, method) else self._methods.of_method(method)
        if knowledge.method(cls, name) is not None:
            return None
        if attribute is None:
            # A statement about the base leaves out what its subclasses have.
            special = self._colours.graph.special.get(name, ())
            missing = any(cls in knowledge.models.ancestors(c) for c in special)
            return None if missing or self._is_another_below(cls, name, None) else frozenset()
        if attribute.kind == "column":
            graph = self._colours.graph
            left_out = is_deferred(attribute.node) or name in graph.narrowed
            return frozenset({(name,)}) if left_out or graph.expires(attribute) else frozenset()
        if is_proxy(attribute):
            return frozenset({(name,)}) if not list(self.forms.named(form)) else None
        if attribute.kind != "relationship" or attribute.lazy not in EAGER | {"select"} or attribute.target is None:
            return None
        ways: set[Way] = {(name,)}
        for inner in self.forms.named(form):
            below = self.of_model(inner, attribute.target, depth + 1)
            if below is None:
                return None
            ways |= {(name, *way) for way in below}
        return frozenset(ways)

    def _is_another_below(self, cls: ClassFacts, name: str, method: FunctionFacts | None) -> bool:
        """Whether *name* may have to be loaded of an object of a class below *cls*, which may be the base of all models, and is none of *cls*."""
        knowledge, graph = self._colours.knowledge, self._colours.graph
        if name not in graph.loading and name not in graph.narrowed:
            return False
        return any(
            getter(knowledge, each, name) not in (None, method)
            or (method is None and knowledge.models.attribute(each, name) is not None)
            for each in knowledge.models.subclasses(cls)
        )

    def names(self, form: Form, wanted: frozenset[str]) -> bool:
        """Whether a model that *form* names, or one that its fields name, has a field of the *wanted* names."""
        pending, seen = list(self.forms.named(form)), set[ClassFacts]()
        while pending:
            shape = pending.pop()
            if shape.model is not None and shape.model not in seen:
                seen.add(shape.model)
                for name, module, annotation in self.forms.fields(shape.model):
                    if name in wanted:
                        return True
                    pending += self.forms.named(Form(module, annotation, shape.given))
        return False

    def _reads_more(self, model: ClassFacts) -> bool:
        """Whether *model* reads objects in a way of its own: renamed fields, validators that are given the object."""
        for ancestor in self._colours.knowledge.models.ancestors(model):
            for inner in walk(ancestor.node):
                match inner:
                    case ast.keyword(arg=name) if name in RENAMING:
                        return True
                    case ast.Name(id="alias_generator" | "getter_dict") | ast.Constant(value="alias_generator"):
                        return True
                    case ast.FunctionDef(decorator_list=decorators) if any(is_early(d) for d in decorators):
                        return True
        return False
