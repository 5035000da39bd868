"""What an annotation says of a response: which model of pydantic, whether a list of them, and what its type variables are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LISTS = frozenset({"List", "list", "Sequence", "Iterable", "Collection", "Set", "set"})
_SAME = frozenset({"Optional", "Annotated", "Required", "NotRequired"})


@dataclass(frozen=True, slots=True)
class Form:
    """An annotation: ``node`` of ``module``, with what the type variables in it stand for."""

    module: ModuleFacts
    node: ast.expr
    given: Mapping[str, Form] = field(default_factory=dict[str, "Form"])


@dataclass(frozen=True, slots=True)
class Shape:
    """A model, or (``many``) a list of what ``item`` says, with what the type variables of the model stand for."""

    model: ClassFacts | None
    many: bool = False
    item: Form | None = None
    given: Mapping[str, Form] = field(default_factory=dict[str, Form])


class Forms:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours

    def shape(self, form: Form) -> Shape | None:
        """What *form* is, None if it is neither a model nor a list."""
        match form.node:
            case ast.Subscript(value=head, slice=inner) if last_name(head) in _LISTS:
                return Shape(None, many=True, item=Form(form.module, inner, form.given))
            case ast.Subscript(value=head, slice=inner) if last_name(head) in _SAME:
                first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
                return self.shape(Form(form.module, first, form.given))
            case ast.Subscript(value=head, slice=ast.Tuple(elts=[first, ast.Constant(value=None)])) if (
                last_name(head) == "Union"
            ):
                return self.shape(Form(form.module, first, form.given))
            case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                return self.shape(Form(form.module, left, form.given))
            case ast.Constant(value=str(text)):
                parsed = _parsed(text)
                return None if parsed is None else self.shape(Form(form.module, parsed, form.given))
            case ast.Name(id=name) if name in form.given:
                return self.shape(form.given[name])
            case ast.Name() | ast.Attribute():
                model = self._model(form.module, form.node)
                return None if model is None else Shape(model, given=self._inherited(model))
            case ast.Subscript(value=head, slice=inner):
                model = self._model(form.module, head)
                given = self._given(model, form, inner) if model is not None else None
                return None if given is None else Shape(model, given=given)
        return None

    def annotation(self, shape: Shape, name: str) -> Form | None:
        """What is said of the field *name* of the model of *shape*."""
        for ancestor in self._colours.knowledge.models.ancestors(shape.model) if shape.model is not None else ():
            binding = ancestor.members.get(name)
            if binding and binding[-1].annotation is not None:
                return Form(ancestor.module, binding[-1].annotation, shape.given)
        return None

    def fields(self, model: ClassFacts) -> list[tuple[str, ModuleFacts, ast.expr]]:
        """The fields of *model* by name, each with its annotation and the module that this stands in."""
        found: dict[str, tuple[str, ModuleFacts, ast.expr]] = {}
        for ancestor in self._colours.knowledge.models.ancestors(model):
            for name, bindings in ancestor.members.items():
                annotation = bindings[-1].annotation
                if annotation is not None and last_name(annotation) != "ClassVar":
                    found.setdefault(name, (name, ancestor.module, annotation))
        return list(found.values())

    def named(self, form: Form) -> Iterator[Shape]:
        """The models that *form* names itself, or by its type variables."""
        node = (
            _parsed(form.node.value)
            if isinstance(form.node, ast.Constant) and isinstance(form.node.value, str)
            else form.node
        )
        for inner in walk(node) if node is not None else ():
            match inner:
                case ast.Constant(value=str()) if inner is not node:
                    yield from self.named(Form(form.module, inner, form.given))
                case ast.Name(id=name) if name in form.given:
                    yield from self.named(form.given[name])
                case ast.Name() | ast.Attribute():
                    for model in self._models(form.module, inner):
                        holder = form.module.source.parents.get(inner)
                        whole = holder if isinstance(holder, ast.Subscript) and holder.value is inner else inner
                        yield self.shape(Form(form.module, whole, form.given)) or Shape(model)

    def _model(self, module: ModuleFacts, node: ast.expr) -> ClassFacts | None:
        found = self._models(module, node)
        return found[0] if len(found) == 1 else None

    def _models(self, module: ModuleFacts, node: ast.expr) -> list[ClassFacts]:
        """All models that *node* may name: some are defined twice."""
        values = parts(self._colours.knowledge.static(module, node))
        return [v.facts for v in values if isinstance(v, Class) and self._colours.readers.is_model(v.facts)]

    def _given(self, model: ClassFacts, form: Form, inner: ast.expr) -> Mapping[str, Form] | None:
        """What the type variables of *model* stand for in ``Model[inner]``."""
        names = self._variables(model)
        values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if len(names) != len(values):
            return None
        return {name: Form(form.module, value, form.given) for name, value in zip(names, values)}

    def _inherited(self, model: ClassFacts) -> Mapping[str, Form]:
        """What the type variables of generic models stand for that *model* is derived from."""
        found: dict[str, Form] = {}
        for ancestor in self._colours.knowledge.models.ancestors(model):
            for base in getattr(ancestor.node, "bases", []):
                head = self._model(ancestor.module, base.value) if isinstance(base, ast.Subscript) else None
                if head is not None:
                    found = {**(self._given(head, Form(ancestor.module, base, found), base.slice) or {}), **found}
        return found

    def _variables(self, model: ClassFacts) -> list[str]:
        """The names of the type variables of *model*, in their order."""
        written = [getattr(p, "name", "") for p in getattr(model.node, "type_params", ())]
        if written:
            return written
        bases = getattr(model.node, "bases", [])
        for wanted in ("Generic", None):
            for base in bases:
                if isinstance(base, ast.Subscript) and (wanted is None or last_name(base.value) == wanted):
                    elements = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                    names = [e.id for e in elements if isinstance(e, ast.Name)]
                    if len(names) == len(elements):
                        return names
        return []


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
