"""What the place around an object reads of it: an attribute, what it is passed to, the response model of an endpoint."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.forms import Form, Forms
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.readers import VALIDATING
from alchemove_codemods.colours.responses import declared
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_HARMLESS: Final = frozenset(
    {"len", "isinstance", "bool", "id", "type", "enumerate", "zip", "list", "iter", "next", "reversed"}
)
_PASSED_ON: Final = (
    *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.IfExp, ast.Await, ast.Starred, ast.Subscript, ast.NamedExpr),
    *(ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp, ast.BoolOp),
)
_TESTING: Final = (ast.Compare, ast.UnaryOp, ast.If, ast.While, ast.Assert, ast.For, ast.comprehension, ast.Assign)
_DEEPEST: Final = 3

Read = frozenset[str] | None
"""Names of attributes, None for any."""


class Reading:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._graph: Graph = colours.graph
        self._models = colours.knowledge.models
        self._forms = Forms(colours)
        self._reading_more: dict[ClassFacts, bool] = {}

    def of(self, cls: ClassFacts | None, function: FunctionFacts, node: ast.AST, depth: int = 0) -> Read:
        """What the place around *node*, which is such an object or holds some, reads of it."""
        parents = function.module.source.parents
        above = _around(parents, node)
        while isinstance(above, _PASSED_ON):
            if isinstance(above, ast.IfExp) and above.test is node:
                return frozenset()
            node, above = above, _around(parents, above)
        match above:
            case ast.Attribute(attr=name, ctx=ast.Load()):
                return self._attribute(cls, function, above, name)
            case ast.Attribute():
                return frozenset()
            case ast.Return():
                return self._returned(function, above)
            case ast.keyword():
                holder = parents.get(above)
                return self._passed(cls, function, holder, node, depth) if isinstance(holder, ast.Call) else None
            case ast.Call():
                return self._passed(cls, function, above, node, depth)
            case ast.Expr() | ast.AnnAssign():
                return frozenset()
        return frozenset() if isinstance(above, _TESTING) else None

    def _attribute(self, cls: ClassFacts | None, function: FunctionFacts, node: ast.Attribute, name: str) -> Read:
        if name == "__dict__":
            return None
        value = self._graph.value(function, node.value)
        classes = [p.cls for p in parts(value) if isinstance(p, Instance) and isinstance(p.cls, ClassFacts)]
        for owner in [*classes, *([cls] if cls is not None and not classes else [])]:
            attribute = self._models.attribute(owner, name)
            if attribute is None or attribute.kind not in ("column", "relationship"):
                method = self._graph.knowledge.method(owner, name)
                return None if method is None else self._of_method(method)
        return frozenset({name})

    def _of_method(self, method: FunctionFacts) -> Read:
        """What *method* reads of its own object, if that is all it does with it."""
        own = method.parameters[0].arg if method.parameters else ""
        parents, found = method.module.source.parents, set[str]()
        for node in own_nodes(method):
            if isinstance(node, ast.Name) and node.id == own:
                above = parents.get(node)
                if not isinstance(above, ast.Attribute):
                    return None
                cls = method.owner
                attribute = self._models.attribute(cls, above.attr) if cls is not None else None
                if attribute is None or attribute.kind not in ("column", "relationship"):
                    return None
                found.add(above.attr)
        return frozenset(found)

    def _returned(self, function: FunctionFacts, node: ast.Return) -> Read:
        """What FastAPI reads of what is returned; what callers do is looked at there."""
        roots = self._colours.roots
        if function not in roots.endpoints:
            return frozenset()
        form = declared(function, roots.endpoints[function])
        if form is None:
            return None
        return self._fields(Form(function.module, form))

    def _fields(self, form: Form) -> Read:
        """The fields of the models that *form* names, and of those that their fields name."""
        found: set[str] = set()
        shapes, seen = list(self._forms.named(form)), set[ClassFacts]()
        if not shapes:
            return None
        while shapes:
            model = shapes.pop().model
            if model is None or self.reads_more(model):
                return None
            if model in seen:
                continue
            seen.add(model)
            for name, module, annotation in self._forms.fields(model):
                found.add(name)
                shapes += self._forms.named(Form(module, annotation))
        return frozenset(found)

    def reads_more(self, model: ClassFacts) -> bool:
        """Whether *model* may read attributes that are not named as its fields are."""
        if model not in self._reading_more:
            self._reading_more[model] = any(map(_reads_other_names, self._models.ancestors(model)))
        return self._reading_more[model]

    def _passed(
        self, cls: ClassFacts | None, function: FunctionFacts, call: ast.Call, node: ast.AST, depth: int
    ) -> Read:
        """What *call* reads of its argument *node*."""
        if node is call.func:
            return frozenset()
        sites = self._graph.sites.get(function, ())
        if any(s.node is call and s.kind == "io" for s in sites):
            return frozenset()
        if isinstance(call.func, ast.Name) and call.func.id in _HARMLESS:
            return frozenset()
        if last_name(call.func) in ("append", "add", "extend"):
            return frozenset()
        if last_name(call.func) == "getattr" and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
            return frozenset({str(call.args[1].value)})
        target = self._graph.knowledge.calls.get(call.func)
        if target is not None:
            return self._of_target(cls, target, call, node, depth)
        if isinstance(call.func, ast.Attribute) and call.func.attr in VALIDATING:
            return self._fields(Form(function.module, call.func.value))
        values = list(parts(self._graph.value(function, call.func)))
        if values and all(isinstance(v, Class) and self._models.is_mapped(v.facts) for v in values):
            # It is tied to another object.
            return frozenset()
        return None

    def _of_target(
        self, cls: ClassFacts | None, target: FunctionFacts, call: ast.Call, node: ast.AST, depth: int
    ) -> Read:
        """What the function *target* of the program reads of the parameter that gets *node*."""
        if depth >= _DEEPEST:
            return None
        found: set[str] = set()
        for member in self._graph.overriding(target):
            names = [p.arg for p in member.parameters if passed(member, p.arg, call) is node]
            if len(names) != 1:
                return None
            for inner in own_nodes(member):
                if isinstance(inner, ast.Name) and inner.id == names[0] and isinstance(inner.ctx, ast.Load):
                    read = self.of(cls, member, inner, depth + 1)
                    if read is None:
                        return None
                    found |= read
        return frozenset(found)


def _reads_other_names(model: ClassFacts) -> bool:
    """Whether something in *model* itself may read what is not named as a field of it is."""
    return any(
        (isinstance(n, ast.keyword) and n.arg in ("alias", "validation_alias", "alias_generator", "pre", "mode"))
        or (isinstance(n, ast.Constant) and n.value in ("before", "wrap", "plain", "alias_generator"))
        or (isinstance(n, ast.Name) and n.id in ("alias_generator", "root_validator", "model_validator"))
        or (isinstance(n, ast.FunctionDef) and any(last_name(d) == "property" for d in n.decorator_list))
        for n in walk(model.node)
    )


def _around(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> ast.AST | None:
    """What stands around *node*, or around ``run_sync(lambda _: node)``, which gives it."""
    above = parents.get(node)
    call = parents.get(above) if isinstance(above, ast.Lambda) else None
    if isinstance(call, ast.Call) and last_name(call.func) == "run_sync" and above in call.args:
        return parents.get(call)
    return above
