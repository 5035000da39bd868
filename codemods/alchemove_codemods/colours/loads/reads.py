"""What is read of an object: by its properties, and by the pydantic models that it is turned into."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.colours.consumers import evaluated
from alchemove_codemods.colours.graph import Site
from alchemove_codemods.colours.lazy import EAGER, expires, getter
from alchemove_codemods.colours.loads.options import Way
from alchemove_codemods.colours.loads.origins import Loading, Lost, Origins
from alchemove_codemods.colours.templates import rendering
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_TALKING = frozenset({"io", "handed", "query", "opened", "response", "lazy"})
_LISTS = frozenset({"List", "list", "Sequence", "Iterable", "Collection"})
_EARLY = frozenset({"root_validator", "model_validator", "pre_load"})
_RENAMING = frozenset({"alias", "validation_alias", "alias_generator"})


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """Reading ``ways`` of what ``loading`` loaded must not load anything any more."""

    loading: Loading
    ways: tuple[Way, ...]


@dataclass(eq=False)
class Reads:
    """Answers for one program."""

    colours: Colours
    origins: Origins
    _methods: dict[FunctionFacts, frozenset[Way] | None] = field(
        default_factory=dict[FunctionFacts, "frozenset[Way] | None"]
    )
    _silent: dict[FunctionFacts, bool] = field(default_factory=dict[FunctionFacts, bool])

    def required(self, site: Site) -> list[Required]:
        """What has to be loaded before, so that *site* loads nothing.

        Raises:
            Lost: that is not known.
        """
        function, node = site.function, site.node
        match site.kind, node:
            case "lazy", ast.Attribute():
                self._at_once(site)
                loadings = self.origins.of(function, node.value, node)
                return [self._of(loading, self._named_in(loading, node.attr)) for loading in loadings]
            case "property", ast.Attribute():
                self._at_once(site)
                ways = self._property(site)
                return [self._of(loading, ways) for loading in self.origins.of(function, node.value, node)]
            case "lazy", ast.Call() if rendering(node, self._on(site)) is not None:
                raise Lost("template-reads", function, node)
            case "lazy", ast.Call():
                return list(self._validated(function, node))
            case "response", _:
                response = self.colours.responses[node]
                return list(self._shown(function, node, function.module, response.node, node))
        raise Lost("unknown-origin", function, node)

    def _on(self, site: Site) -> Value:
        callee = site.node.func if isinstance(site.node, ast.Call) else None
        return self.colours.graph.value(site.function, callee.value if isinstance(callee, ast.Attribute) else None)

    def class_of(self, loading: Loading) -> ClassFacts | None:
        """The class of the object at the end of the way of *loading*."""
        at = loading.cls
        for name in loading.way:
            attribute = self.colours.knowledge.models.attribute(at, name) if at is not None else None
            at = attribute.target if attribute is not None else None
        return at

    def _named_in(self, loading: Loading, name: str) -> tuple[Way, ...]:
        """The ways that reading *name* of what *loading* loads reads: the attribute, or what the property reads in turn."""
        cls = self.class_of(loading)
        method = getter(self.colours.knowledge, cls, name) if cls is not None else None
        if method is None:
            return ((name,),)
        ways = self.of_method(method)
        if ways is None:
            raise Lost("property-loads", method, method.node)
        return tuple(sorted(ways))

    def _at_once(self, site: Site) -> None:
        """Raise :exc:`Lost` if *site* is in a function or generator that may run at any time."""
        parents = site.function.module.source.parents
        later = site.deferred
        # Who a lambda is given to as ``key`` calls it; others may keep it.
        kept = isinstance(later, ast.Lambda) and not isinstance(parents.get(later), ast.keyword)
        if later is not None and (kept or evaluated(parents, later) is None):
            raise Lost("unknown-origin", site.function, site.node)

    def _of(self, loading: Loading, ways: tuple[Way, ...]) -> Required:
        return Required(loading, tuple((*loading.way, *way) for way in ways))

    def _property(self, site: Site) -> tuple[Way, ...]:
        ways: set[Way] = set()
        for target in site.targets:
            found = self.of_method(target)
            if found is None:
                raise Lost("property-loads", target, target.node)
            ways |= found
        return tuple(sorted(ways))

    # properties ----------------------------------------------------------------------------------------------------

    def of_method(self, method: FunctionFacts) -> frozenset[Way] | None:
        """The ways that running *method* of an object reads from it; None if it loads something else as well."""
        if method not in self._methods:
            self._methods[method] = None
            try:
                self._methods[method] = frozenset(self._read_in(method))
            except Lost:
                return None
        return self._methods[method]

    def _read_in(self, method: FunctionFacts) -> Iterator[Way]:
        for site in self.colours.graph.sites.get(method, ()):
            match site.kind, site.node:
                case "lazy", ast.Attribute(value=base, attr=name, ctx=ast.Load()):
                    for way in self.origins.ways(method, base):
                        yield (*way, name)
                case "property", ast.Attribute(value=base):
                    inner = self._property(site)
                    for way in self.origins.ways(method, base) if inner else ():
                        yield from ((*way, *below) for below in inner)
                case (("call" | "property" | "implicit"), _) if all(self.is_quiet(t) for t in site.targets):
                    continue
                case _:
                    raise Lost("property-loads", method, site.node)

    def is_quiet(self, function: FunctionFacts) -> bool:
        """Whether *function* neither talks to the database nor reads what may have to be loaded."""
        if function not in self._silent:
            self._silent[function] = True
            sites = self.colours.graph.sites.get(function, ())
            self._silent[function] = not any(s.kind in _TALKING for s in sites) and all(
                self.is_quiet(t) for s in sites for t in s.targets
            )
        return self._silent[function]

    # models of pydantic --------------------------------------------------------------------------------------------

    def _validated(self, function: FunctionFacts, node: ast.Call) -> Iterator[Required]:
        """``UserOut.model_validate(user)``."""
        models = self.models(function, node.func.value if isinstance(node.func, ast.Attribute) else node.func)
        if len(models) != 1 or len(node.args) != 1 or not isinstance(node.func, ast.Attribute):
            raise Lost("model-reads", function, node)
        yield from self._object(function, node.args[0], models[0], node, many=False)

    def models(self, function: FunctionFacts, node: ast.expr) -> list[ClassFacts]:
        """The classes that *node* of *function* may be."""
        return [v.facts for v in parts(self.colours.graph.value(function, node)) if isinstance(v, Class)]

    def _shown(
        self, function: FunctionFacts, node: ast.expr, module: ModuleFacts, form: ast.expr, use: ast.AST
    ) -> Iterator[Required]:
        """What showing *node* in the *form* of an annotation of *module* reads."""
        if self._is_plain(self.colours.graph.value(function, node)) or not list(
            self.colours.readers.named(module, form)
        ):
            return
        model, many = self._form(module, form)
        if model is None:
            raise Lost("model-reads", function, node)
        if isinstance(node, ast.Dict) and not many:
            for key, value in zip(node.keys, node.values):
                if not isinstance(key, ast.Constant):
                    raise Lost("model-reads", function, node)
                annotation = self._annotation(model, str(key.value))
                if annotation is not None:
                    yield from self._shown(function, value, annotation[0], annotation[1], use)
            return
        yield from self._object(function, node, model, use, many=many)

    def _is_plain(self, value: Value) -> bool:
        return self.colours.readers.is_plain(value)

    def _annotation(self, model: ClassFacts, name: str) -> tuple[ModuleFacts, ast.expr] | None:
        for ancestor in self.colours.knowledge.models.ancestors(model):
            binding = ancestor.members.get(name)
            if binding and binding[-1].annotation is not None:
                return ancestor.module, binding[-1].annotation
        return None

    def _form(self, module: ModuleFacts, form: ast.expr) -> tuple[ClassFacts | None, bool]:
        """The model that *form* names, and whether it is a list of them; None if it is anything else."""
        match form:
            case ast.Subscript(value=head, slice=inner) if last_name(head) in _LISTS:
                model, many = self._form(module, inner)
                return (None, False) if many else (model, True)
            case ast.Subscript(value=head, slice=inner) if last_name(head) == "Optional":
                return self._form(module, inner)
            case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                return self._form(module, left)
            case ast.Constant(value=str(text)):
                try:
                    return self._form(module, ast.parse(text, mode="eval").body)
                except SyntaxError:
                    return None, False
            case ast.Name() | ast.Attribute():
                value = self.colours.knowledge.static(module, form)
                if isinstance(value, Class) and self.colours.readers.is_model(value.facts):
                    return value.facts, False
        return None, False

    def _object(
        self, function: FunctionFacts, node: ast.expr, model: ClassFacts, use: ast.AST, *, many: bool
    ) -> Iterator[Required]:
        for loading in self.origins.of(function, node, use, many=many):
            cls = self.class_of(loading)
            if cls is None:
                raise Lost("statement-form", loading.function, loading.node)
            ways = self.of_model(model, cls)
            if ways is None:
                raise Lost("model-reads", function, node)
            yield self._of(loading, tuple(sorted(ways)))

    def of_model(self, model: ClassFacts, cls: ClassFacts, depth: int = 0) -> frozenset[Way] | None:
        """The ways that turning an object of *cls* into *model* reads; None if that is not known."""
        if depth > 4 or self._reads_more(model):
            return None
        found: set[Way] = set()
        for name, module, annotation in self.fields(model):
            ways = self._field(name, module, annotation, cls, depth)
            if ways is None:
                return None
            found |= ways
        return frozenset(found)

    def fields(self, model: ClassFacts) -> list[tuple[str, ModuleFacts, ast.expr]]:
        """The fields of *model* by name, each with its annotation and the module that this stands in."""
        found: dict[str, tuple[str, ModuleFacts, ast.expr]] = {}
        for ancestor in self.colours.knowledge.models.ancestors(model):
            for name, bindings in ancestor.members.items():
                annotation = bindings[-1].annotation
                if annotation is not None and last_name(annotation) != "ClassVar":
                    found.setdefault(name, (name, ancestor.module, annotation))
        return list(found.values())

    def _field(
        self, name: str, module: ModuleFacts, annotation: ast.expr, cls: ClassFacts, depth: int
    ) -> frozenset[Way] | None:
        knowledge = self.colours.knowledge
        attribute = knowledge.models.attribute(cls, name)
        if (method := getter(knowledge, cls, name)) is not None:
            return self.of_method(method)
        if knowledge.method(cls, name) is not None:
            return None
        if attribute is None or (attribute.kind == "column" and not expires(attribute.node)):
            return frozenset()
        if attribute.kind == "column":
            return frozenset({(name,)}) if attribute in self.colours.fetched else None
        if attribute.kind != "relationship" or attribute.lazy not in EAGER | {"select"} or attribute.target is None:
            return None
        ways: set[Way] = {(name,)}
        for inner in self.named(module, annotation):
            below = self.of_model(inner, attribute.target, depth + 1)
            if below is None:
                return None
            ways |= {(name, *way) for way in below}
        return frozenset(ways)

    def named(self, module: ModuleFacts, annotation: ast.expr) -> list[ClassFacts]:
        """The models that *annotation* names itself."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return []
        found = []
        for inner in walk(annotation):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                found += self.named(module, inner)
            elif isinstance(inner, (ast.Name, ast.Attribute)):
                value = self.colours.knowledge.static(module, inner)
                if isinstance(value, Class) and self.colours.readers.is_model(value.facts):
                    found.append(value.facts)
        return found

    def _reads_more(self, model: ClassFacts) -> bool:
        """Whether *model* reads objects in a way of its own: renamed fields, validators that are given the object."""
        for ancestor in self.colours.knowledge.models.ancestors(model):
            for inner in walk(ancestor.node):
                match inner:
                    case ast.keyword(arg=name) if name in _RENAMING:
                        return True
                    case ast.Name(id="alias_generator") | ast.Constant(value="alias_generator"):
                        return True
                    case ast.FunctionDef(decorator_list=decorators) if any(_is_early(d) for d in decorators):
                        return True
        return False


def _is_early(decorator: ast.expr) -> bool:
    """Whether a validator with *decorator* may be given the object before its fields are read."""
    if last_name(decorator) in _EARLY:
        return not _mode(decorator, "after")
    if last_name(decorator) in ("field_validator", "validator"):
        return _mode(decorator, "before", "wrap", "plain") or _keyword(decorator, "pre")
    return False


def _mode(decorator: ast.expr, *modes: str) -> bool:
    return isinstance(decorator, ast.Call) and any(
        k.arg == "mode" and isinstance(k.value, ast.Constant) and k.value.value in modes for k in decorator.keywords
    )


def _keyword(decorator: ast.expr, name: str) -> bool:
    return isinstance(decorator, ast.Call) and any(k.arg == name for k in decorator.keywords)
