"""The commit that comes after an object was changed, and what is read of the object after it.

A sync session reads an object again when it is asked for something after a commit. Who asks is looked for behind the commit, in the
functions that it was called from, in the endpoints that the function is injected into, and in what FastAPI makes of
what an endpoint returns. An object that was refreshed as a whole is what the database has.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.changes import Change
from alchemove_codemods.colours.graph import Graph, Site
from alchemove_codemods.colours.loads.forms import Form, Forms
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.readers import VALIDATING
from alchemove_codemods.colours.responses import declared
from alchemove_codemods.colours.rollbacks import following, is_mapped_value
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, NOTHING, UNKNOWN, Class, Dict, Instance, Plain, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

LETTING_GO: Final = frozenset({"delete", "expunge", "expunge_all"})
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


class Rereads:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._graph: Graph = colours.graph
        self._models = colours.knowledge.models
        self._forms = Forms(colours)

    @cached_property
    def committing(self) -> frozenset[FunctionFacts]:
        """The functions that may commit, themselves or by what they call."""
        graph = self._graph
        found = {f for f, sites in graph.sites.items() if any(s.kind == "io" and s.name == "commit" for s in sites)}
        pending = list(found)
        while pending:
            fresh = {s.function for s in graph.callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def commit(self, change: Change) -> Site | None:
        """The first commit after *change*, in its block or those around it; or the call that makes one."""
        function, parents = change.function, change.function.module.source.parents
        sites = [s for s in self._graph.sites.get(function, ()) if self.commits(s)]
        if not sites:
            return None
        source = function.module.source
        if change.statement is None:
            return min(sites, key=lambda s: source.start(s.node))
        later = {n for s in following(parents, change.statement) for n in walk(s)}
        # ``db.add(save(Item(...)))``: the call that commits may be all there is in the statement itself.
        own = {n for n in walk(change.statement) if isinstance(n, ast.Call)} if change.made else set[ast.AST]()
        after = [s for s in sites if s.node in later or s.node in own]
        behind = [s for s in after if source.start(s.node) >= source.start(change.statement)]
        return min(behind or after, key=lambda s: source.start(s.node), default=None)

    def commits(self, site: Site) -> bool:
        """Whether *site* is a commit, or calls what may commit."""
        if site.kind == "io":
            return site.name == "commit"
        return site.kind == "call" and any(t in self.committing for t in site.targets)

    # reading -------------------------------------------------------------------------------------------------------

    def after(self, change: Change, commit: Site) -> Read:
        """What is read after *commit* of the object of *change*, or of another one of its class; None if anything may be."""
        found: set[str] = set()
        for names in self._all(change, commit):
            if names is None:
                return None
            found |= names
        return frozenset(found)

    def inside(self, change: Change, commit: Site) -> Read:
        """What the function of *commit* itself reads after it."""
        found: set[str] = set()
        for names in self._below(change, commit.function, self._following(commit))[0]:
            if names is None:
                return None
            found |= names
        return frozenset(found)

    def _all(self, change: Change, commit: Site) -> Iterator[Read]:
        pending, seen = [commit], {commit.function}
        while pending:
            at = pending.pop()
            refreshed = at.kind == "call" and any(self.is_refreshing(t) for t in at.targets)
            if not refreshed and (at is commit or self._may_hold(change, at)):
                value = self._graph.value(at.function, at.node)
                # What is not known may be an object of the class as well.
                if at.kind == "call" and (
                    self.is_ours(change, at.function, at.node)
                    or not list(parts(value))
                    or any(p in (UNKNOWN, BOTTOM) for p in parts(value))
                ):
                    yield self._use(change, at.function, at.node)
                found, refreshed = self._below(change, at.function, self._following(at), _tied(at))
                yield from found
            if refreshed:
                continue
            fresh = [s for s in self._graph.callers.get(at.function, ()) if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh
            for injected in self._injected_into(at.function):
                if injected not in seen:
                    seen.add(injected)
                    body = getattr(injected.node, "body", [])
                    yield from self._below(change, injected, body if isinstance(body, list) else [body])[0]

    def _may_hold(self, change: Change, site: Site) -> bool:
        """Whether the object may be there for longer than what the call *site* runs: the caller gets it, or had it before.

        What no variable holds is forgotten by its session, and made anew when it is queried.
        """
        function = site.function
        if self.is_ours(change, function, site.node):
            return True
        value = self._graph.value(function, site.node)
        unknown = any(p in (UNKNOWN, BOTTOM) for p in parts(value)) or not list(parts(value))
        if unknown and not all(_gives_back_what_it_got(t) for t in site.targets):
            return True
        source = function.module.source
        nodes = [n for n in own_nodes(function) if isinstance(n, (ast.Name, ast.Attribute))]
        before = [n for n in nodes if source.start(n) < source.end(site.node)]
        bound = {n.id for n in before if isinstance(n, ast.Name)}
        held = [n for n in nodes if n in before or (isinstance(n, ast.Name) and n.id in bound)]
        return any(self._leads_to(change, function, n) for n in held)

    def _leads_to(self, change: Change, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* is such an object, or holds one as one of its relationships."""
        if change.cls is None or self.is_ours(change, function, node):
            return True
        ours = {change.cls, *self._models.subclasses(change.cls), *self._models.ancestors(change.cls)}
        for part in parts(self._graph.value(function, node)):
            if isinstance(part, Instance) and isinstance(part.cls, ClassFacts) and self._models.is_mapped(part.cls):
                named = {name for a in self._models.ancestors(part.cls) for name in a.members}
                related = (self._models.attribute(part.cls, n) for n in named | self._models.backref_names())
                if any(a is not None and a.kind == "relationship" and a.target in (None, *ours) for a in related):
                    return True
        return False

    def _following(self, at: Site) -> Iterator[ast.AST]:
        parents = at.function.module.source.parents
        statement = statement_of(at)
        yield from following(parents, at.node)
        # What stands behind ``else`` comes after a ``try`` that went well.
        holder = parents.get(statement) if statement is not None else None
        if isinstance(holder, ast.Try) and statement in holder.body:
            yield from holder.orelse

    def _injected_into(self, function: FunctionFacts) -> Iterator[FunctionFacts]:
        """The endpoints and dependencies that FastAPI gives what *function* gives."""
        for receiver, injections in self._colours.roots.injections.items():
            if any(i.provider is function for i in injections):
                yield receiver

    def _below(
        self, change: Change, function: FunctionFacts, nodes: Iterable[ast.AST], tied: frozenset[str] = frozenset()
    ) -> tuple[list[Read], bool]:
        """What *nodes* read, one after the other, and whether the object, which *tied* may name, is refreshed by one of them."""
        found: list[Read] = []
        for node in nodes:
            if self._is_refresh(change, function, node, tied):
                return found, True
            for inner in walk(node):
                if not isinstance(inner, (ast.Name, ast.Attribute, ast.Call)) or not is_read(inner):
                    continue
                if self.is_ours(change, function, inner):
                    found.append(self._use(change, function, inner))
        return found, False

    def _use(self, change: Change, function: FunctionFacts, node: ast.AST, depth: int = 0) -> Read:
        """What the place around *node*, which is such an object or holds some, reads of it."""
        parents = function.module.source.parents
        above = parents.get(node)
        while isinstance(above, _PASSED_ON):
            if isinstance(above, ast.IfExp) and above.test is node:
                return frozenset()
            node, above = above, parents.get(above)
        match above:
            case ast.Attribute(attr=name, ctx=ast.Load()):
                return self._attribute(change, function, above, name)
            case ast.Attribute():
                return frozenset()
            case ast.Return():
                return self._returned(function, above)
            case ast.keyword():
                holder = parents.get(above)
                return self._passed(change, function, holder, node, depth) if isinstance(holder, ast.Call) else None
            case ast.Call():
                return self._passed(change, function, above, node, depth)
            case ast.Expr() | ast.AnnAssign():
                return frozenset()
        return frozenset() if isinstance(above, _TESTING) else None

    def _attribute(self, change: Change, function: FunctionFacts, node: ast.Attribute, name: str) -> Read:
        if name == "__dict__":
            return None
        value = self._graph.value(function, node.value)
        classes = [p.cls for p in parts(value) if isinstance(p, Instance) and isinstance(p.cls, ClassFacts)]
        for cls in [*classes, *([change.cls] if change.cls is not None and not classes else [])]:
            attribute = self._models.attribute(cls, name)
            if attribute is None or attribute.kind not in ("column", "relationship"):
                method = self._graph.knowledge.method(cls, name)
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
        ancestors = self._models.ancestors(model)
        # What a model of another library reads is known only where its bases are pydantic's.
        return any(
            (isinstance(n, ast.keyword) and n.arg in ("alias", "validation_alias", "alias_generator", "pre", "mode"))
            or (isinstance(n, ast.Constant) and n.value in ("before", "wrap", "plain", "alias_generator"))
            or (isinstance(n, ast.Name) and n.id in ("alias_generator", "root_validator", "model_validator"))
            or (isinstance(n, ast.FunctionDef) and any(last_name(d) == "property" for d in n.decorator_list))
            for a in ancestors
            for n in walk(a.node)
        )

    def _passed(self, change: Change, function: FunctionFacts, call: ast.Call, node: ast.AST, depth: int) -> Read:
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
            return self._of_target(change, target, call, node, depth)
        if isinstance(call.func, ast.Attribute) and call.func.attr in VALIDATING:
            return self._fields(Form(function.module, call.func.value))
        values = list(parts(self._graph.value(function, call.func)))
        if values and all(isinstance(v, Class) and self._models.is_mapped(v.facts) for v in values):
            # It is tied to another object.
            return frozenset()
        return None

    def _of_target(self, change: Change, target: FunctionFacts, call: ast.Call, node: ast.AST, depth: int) -> Read:
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
                    read = self._use(change, member, inner, depth + 1)
                    if read is None:
                        return None
                    found |= read
        return frozenset(found)

    def is_ours(self, change: Change, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* may be the object that is changed, or hold it."""
        if function is change.function and isinstance(node, ast.Name) and node.id == change.name:
            return True
        value = self._graph.value(function, node)
        values = [v for p in parts(value) for v in (parts(p.of) if isinstance(p, Dict) else [p])]
        if (query := self._asks(function, node)) is not None and not any(map(_is_known, values)):
            return self._may_give(change, query)
        if not any(is_mapped_value(self._graph, v) for v in values):
            return False
        if change.cls is None:
            return True
        ours = {change.cls, *self._models.subclasses(change.cls), *self._models.ancestors(change.cls)}
        return not all(isinstance(v, Instance) and v.cls not in ours for v in values if v != NOTHING)

    def _asks(self, function: FunctionFacts, node: ast.AST) -> FunctionFacts | None:
        """The function of the program that asks the database for what *node* is."""
        if isinstance(node, ast.Name):
            found = given(function, function.module.source.parents, node)
            given_by = (
                found[0].node if len(found) == 1 and found[0].kind == "value" and found[0].index is None else None
            )
            return self._asks(function, given_by) if isinstance(given_by, ast.Call) else None
        target = self._graph.knowledge.calls.get(node.func) if isinstance(node, ast.Call) else None
        return target if target in self._graph.talking else None

    def _may_give(self, change: Change, function: FunctionFacts) -> bool:
        """Whether *function*, of whose result too little is known, may give such objects: by its annotation."""
        if _gives_back_what_it_got(function):
            return False
        said = getattr(function.node, "returns", None)
        if not isinstance(said, ast.expr):
            return True
        named = [n for n in walk(said) if isinstance(n, (ast.Name, ast.Attribute))]
        values = [v for n in named for v in parts(self._graph.knowledge.static(function.module, n))]
        classes = [v.facts for v in values if isinstance(v, Class)]
        if change.cls is None:
            return any(map(self._models.is_mapped, classes))
        return not {change.cls, *self._models.ancestors(change.cls)}.isdisjoint(classes)

    def _is_refresh(self, change: Change, function: FunctionFacts, node: ast.AST, tied: frozenset[str]) -> bool:
        """Whether *node* refreshes the object as a whole, or each of the objects that it may be one of."""
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held)], keywords=[]) as call
            ):
                sites = self._graph.sites.get(function, ())
                ours = held == change.name if function is change.function else held in tied
                return ours and any(s.node is call and s.kind == "io" for s in sites)
            case ast.For(target=ast.Name(id=each), iter=ast.Name(id=kept), body=body):
                ours = change.name in (each, kept) if function is change.function else kept in tied
                return ours and any(_refreshes(n, each) for n in body)
        return False

    def is_refreshing(self, function: FunctionFacts) -> bool:
        """Whether *function* ends with a refresh of what it is given, or gives back."""
        body = getattr(function.node, "body", [])
        ending = body[-2:] if isinstance(body, list) else []
        named = {p.arg for p in function.parameters}
        named |= {
            n.value.id for n in own_nodes(function) if isinstance(n, ast.Return) and isinstance(n.value, ast.Name)
        }
        for node in ending:
            match node:
                case ast.Expr(
                    value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=name)], keywords=[])
                ):
                    if name in named:
                        return True
        return False


def _is_known(value: Value) -> bool:
    """Whether *value* is no collection of unknown items, and not unknown itself."""
    match value:
        case Plain(of=of) if of is not None:
            return all(_is_known(v) for v in parts(of)) and not isinstance(of, Plain)
    return value not in (UNKNOWN, BOTTOM)


def _tied(site: Site) -> frozenset[str]:
    """The names that hold what the call *site* gives back, or was given."""
    arguments = [*site.node.args, *(k.value for k in site.node.keywords)] if isinstance(site.node, ast.Call) else []
    names = {a.id for a in arguments if isinstance(a, ast.Name)}
    match statement_of(site):
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is site.node:
            names.add(name)
    return frozenset(names)


def _refreshes(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held)], keywords=[])):
            return held == name
    return False


def _gives_back_what_it_got(function: FunctionFacts) -> bool:
    """Whether *function* returns only constants, or what it was given."""
    named = {p.arg for p in function.parameters}
    results = [n.value for n in own_nodes(function) if isinstance(n, ast.Return) and n.value is not None]
    return all(isinstance(r, ast.Constant) or (isinstance(r, ast.Name) and r.id in named) for r in results)


def is_read(node: ast.Name | ast.Attribute | ast.Call) -> bool:
    """Whether *node* is no target."""
    return isinstance(node, ast.Call) or isinstance(node.ctx, ast.Load)


def statement_of(site: Site) -> ast.stmt | None:
    """The statement that *site* is all of, or in."""
    return statement_around(site.function, site.node)


def statement_around(function: FunctionFacts, node: ast.AST) -> ast.stmt | None:
    """The statement of *function* that *node* is all of, or in."""
    parents = function.module.source.parents
    at: ast.AST | None = node
    while at is not None and not isinstance(at, ast.stmt):
        at = parents.get(at)
    return at
