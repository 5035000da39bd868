"""Properties of mapped classes that may have to load something when they are read, whatever they read it through.

A property is read like a column, by pydantic and by templates too, which ask for it by its name. What has to be loaded is often
not read in the property itself, but in another one, in a method, in a function that is given the object::

    @property                          @property                             @property
    def label(self):                   def path(self):                       def rating(self):
        return f"{self.count} posts"       node = self                           return average(self)
                                           while node: node = node.parent

What is read of the object itself is known by its class, what is read of others is told by names: a property that is taken for one
that loads, and is none, is only read earlier than it has to be.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.lazy import getter, made_of, may_load
from alchemove_codemods.colours.named_reads import named_read
from alchemove_codemods.facts import PROPERTIES, ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk

_LOOKING = frozenset({"isinstance", "issubclass", "type", "id", "super", "callable"})
_SESSIONS = frozenset({"object_session", "async_object_session"})
_BUILTINS = frozenset(dir(builtins))
_MAKING = frozenset({"__init__", "__new__", "__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True)
class _Body:
    """A function, or a lambda of the class body; ``owner`` is the class whose object is its first argument."""

    node: ast.AST
    owner: ClassFacts | None
    function: FunctionFacts | None = None

    @property
    def own(self) -> str:
        """The name of the object."""
        arguments = getattr(self.node, "args", None)
        if self.owner is None or not isinstance(arguments, ast.arguments):
            return ""
        return next((a.arg for a in (*arguments.posonlyargs, *arguments.args)), "")


@dataclass(slots=True, eq=False)
class _Seen:
    """What a body does: ``loads`` something itself, and may ``run`` others."""

    loads: bool = False
    runs: set[_Body] = field(default_factory=set[_Body])


class PropertyReads:
    """Answers for one program, whose lazily loaded columns and relationships have *names*; statements leave out those of *left_out*."""

    def __init__(self, knowledge: Knowledge, names: Collection[str], left_out: Collection[str]) -> None:
        self._knowledge = knowledge
        self._models = knowledge.models
        self._left_out = left_out
        related = (n for c in self._mapped() for n, a in self._models.own(c).items() if a.kind == "relationship")
        self._names = {*names, *left_out, *related}

    def names(self) -> frozenset[str]:
        """The names of the properties that may have to load something."""
        seen: dict[_Body, _Seen] = {}
        pending = [body for bodies in self._properties.values() for body in bodies]
        while pending:
            body = pending.pop()
            if body not in seen:
                seen[body] = self._look(body)
                pending += seen[body].runs
        loading = {body for body, each in seen.items() if each.loads}
        growing = True
        while growing:
            more = {b for b, each in seen.items() if b not in loading and not each.runs.isdisjoint(loading)}
            loading |= more
            growing = bool(more)
        return frozenset(name for name, bodies in self._properties.items() if not loading.isdisjoint(bodies))

    # classes -------------------------------------------------------------------------------------------------------

    def _mapped(self) -> Iterator[ClassFacts]:
        for module in self._knowledge.program.loaded():
            for cls in module.classes.values():
                if self._models.is_mapped(cls):
                    yield cls

    @cached_property
    def _made_into(self) -> dict[ClassFacts, list[ClassFacts]]:
        """Mapped classes and what they inherit from, each with the mapped ones that have it."""
        found: dict[ClassFacts, list[ClassFacts]] = {}
        for cls in self._mapped():
            for ancestor in self._models.ancestors(cls):
                found.setdefault(ancestor, []).append(cls)
        return found

    @cached_property
    def _properties(self) -> dict[str, set[_Body]]:
        found: dict[str, set[_Body]] = {}
        for cls in self._made_into:
            for method in cls.methods:
                if method.decorated(*PROPERTIES, "computed_field"):
                    found.setdefault(method.name, set()).add(_of(method))
            for name, bindings in cls.members.items():
                made = (made_of(cls, binding) for binding in bindings)
                bodies = {_of(m) if isinstance(m, FunctionFacts) else _Body(m, cls) for m in made if m is not None}
                if bodies:
                    found.setdefault(name, set()).update(bodies)
        return found

    @cached_property
    def _methods(self) -> dict[str, set[_Body]]:
        found: dict[str, set[_Body]] = {}
        for cls in self._made_into:
            for method in cls.methods:
                found.setdefault(method.name, set()).add(_of(method))
        return found

    # bodies --------------------------------------------------------------------------------------------------------

    def _look(self, body: _Body) -> _Seen:
        seen = _Seen()
        for node in walk(body.node):
            match node:
                case ast.Attribute(value=base, attr=name, ctx=ast.Load()):
                    if not (_is(base, body.own) and body.owner is not None and self._of_own(body.owner, name, seen)):
                        self._of_any(name, seen)
                case ast.Call():
                    self._call(body, node, seen)
                case ast.Name(id=name, ctx=ast.Load()) if name == body.own and body.owner is not None:
                    if not self._is_followed(body, node):
                        self._special(body.owner, seen)
        return seen

    def _of_own(self, owner: ClassFacts, name: str, seen: _Seen) -> bool:
        """Note what reading *name* of an object of *owner* does; whether that is known."""
        made_into = self._made_into.get(owner, [owner])
        classes = [owner] if owner in made_into else made_into
        found = [a for c in classes if (a := self._models.attribute(c, name)) is not None]
        mapped = [a for a in found if a.kind in ("column", "relationship") or may_load(a)]
        seen.loads = seen.loads or any(self._loads(a, name) for a in mapped)
        run = {_of(m) for c in {owner, *made_into} if (m := self._run_by(c, name)) is not None}
        seen.runs |= run
        return bool(mapped or run)

    def _run_by(self, cls: ClassFacts, name: str) -> FunctionFacts | None:
        return getter(self._knowledge, cls, name) or self._knowledge.method(cls, name)

    def _loads(self, attribute: Attribute, name: str) -> bool:
        return attribute.kind == "relationship" or may_load(attribute) or name in self._left_out

    def _of_any(self, name: str, seen: _Seen) -> None:
        """Note what reading *name* of any object may do."""
        seen.loads = seen.loads or name in self._names
        seen.runs |= self._properties.get(name, set())

    def _call(self, body: _Body, node: ast.Call, seen: _Seen) -> None:
        name = last_name(node.func)
        given = [*node.args, *(k.value for k in node.keywords)]
        target = self._knowledge.calls.get(node.func)
        if target is not None:
            seen.runs |= {_of(t) for t in self._knowledge.overriding(target)}
        elif name in _SESSIONS:
            seen.loads = True
        elif name == "attrgetter":
            for argument in given:
                for each in str(argument.value).split(".") if isinstance(argument, ast.Constant) else ():
                    self._of_any(each, seen)
        elif body.function is not None and (read := named_read(body.function, node)) is not None:
            if read.name is not None:
                self._of_any(read.name, seen)
            elif not read.asking:
                seen.loads = seen.loads or not read.columns or bool(self._left_out)
        elif isinstance(node.func, ast.Attribute):
            if not isinstance(node.func.value, (ast.Constant, ast.JoinedStr)):
                seen.runs |= self._methods.get(node.func.attr, set())
            seen.loads = seen.loads or any(_is(a, body.own) for a in given)
        elif name not in _BUILTINS:
            # ``attrgetter(path)(self)``, ``inspect(self)``
            seen.loads = seen.loads or any(_is(a, body.own) for a in given)

    def _is_followed(self, body: _Body, node: ast.Name) -> bool:
        """Whether it is known what is done with the object itself at *node*."""
        owner = body.owner
        above = owner.module.source.parents.get(node) if owner is not None else None
        match above:
            case ast.Attribute() | ast.Assign() | ast.NamedExpr() | ast.Return() | ast.Yield():
                return True
            case ast.Call(func=callee):
                return callee in self._knowledge.calls or last_name(callee) in {*_LOOKING, *_SESSIONS, "getattr"}
            case ast.Compare(ops=ops):
                return all(isinstance(o, (ast.Is, ast.IsNot)) for o in ops)
        return False

    def _special(self, owner: ClassFacts, seen: _Seen) -> None:
        """Note what operators and builtins may run of an object of *owner*."""
        classes = {a for c in (owner, *self._made_into.get(owner, ())) for a in self._models.ancestors(c)}
        seen.runs |= {_of(m) for c in classes for m in c.methods if m.name.startswith("__") and m.name not in _MAKING}


def _of(function: FunctionFacts) -> _Body:
    return _Body(function.node, function.owner if function.is_method else None, function)


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and bool(name)
