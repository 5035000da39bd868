"""What one file defines: its modules, classes and functions, and which names are bound to what.

Taken from the standard ``ast`` without entering function bodies; those are indexed when somebody asks.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import field
from typing import Literal, Union

from alchemove_codemods.frozen import dataclass, replace
from alchemove_codemods.source import Source
from alchemove_codemods.trees import children, walk

Scope = Union["ModuleFacts", "ClassFacts", "FunctionFacts"]


CACHED_PROPERTIES = ("cached_property", "lazyproperty", "memoized_property", "reify")
PROPERTIES = ("property", *CACHED_PROPERTIES, "classproperty", "hybrid_property")
"""Decorators that make a method an attribute: of Python, Werkzeug, Pyramid, SQLAlchemy and others, by their last names."""


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One way in which a name is bound in a module or class.

    ``kind`` says how: ``import`` (``module`` and, for ``from`` imports, ``attribute``), ``class``, ``function``,
    ``value`` (assigned from the expression ``node``; ``annotation`` where there is one), ``star`` (names that
    ``from module import *`` brings) or ``other`` (loop variables, ``with`` targets, unpacking). ``checking`` bindings
    stand under ``if TYPE_CHECKING`` and say what the name is meant to be.
    """

    kind: Literal["import", "class", "function", "value", "star", "other"]
    node: ast.AST
    module: str = ""
    attribute: str | None = None
    level: int = 0
    annotation: ast.expr | None = None
    checking: bool = False


@dataclass(slots=True, eq=False)
class ModuleFacts:
    """A file as a module."""

    source: Source
    package: bool
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Binding] = field(default_factory=list)
    classes: dict[ast.ClassDef, ClassFacts] = field(default_factory=dict)
    functions: dict[ast.AST, FunctionFacts] = field(default_factory=dict)
    body: FunctionFacts = field(init=False)

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.source.path


@dataclass(slots=True, eq=False)
class ClassFacts:
    """A class: its members as bindings, the functions defined in its body, and where it stands."""

    module: ModuleFacts
    node: ast.ClassDef
    outer: ClassFacts | FunctionFacts | None
    members: dict[str, list[Binding]] = field(default_factory=dict)
    methods: list[FunctionFacts] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The bare name."""
        return self.node.name

    def __repr__(self) -> str:
        return f"<class {self.module.path}:{self.node.name}>"


@dataclass(slots=True, eq=False)
class FunctionFacts:
    """A function, method, lambda or the body of a module (``node`` is then the ``ast.Module``).

    ``inner`` are the functions defined inside of it, once it was indexed: ``opened``.
    """

    module: ModuleFacts
    node: ast.AST
    owner: ClassFacts | None
    outer: FunctionFacts | None
    inner: list[FunctionFacts] = field(default_factory=list)
    opened: bool = False
    _parameters: tuple[ast.arg, ...] | None = None

    @property
    def name(self) -> str:
        """The bare name."""
        return getattr(self.node, "name", "<module>")

    @property
    def parameters(self) -> tuple[ast.arg, ...]:
        """All parameters in order: positional-only, ordinary, ``*args``, keyword-only, ``**kwargs``."""
        if self._parameters is None:
            self._parameters = _parameters_of(getattr(self.node, "args", None))
        return self._parameters

    @property
    def decorators(self) -> list[ast.expr]:
        """The decorator expressions."""
        return getattr(self.node, "decorator_list", [])

    def is_inside(self, outer: FunctionFacts) -> bool:
        """Whether it is defined in *outer*, or in a function that is."""
        at = self.outer
        while at is not None and at is not outer:
            at = at.outer
        return at is outer

    def decorated(self, *names: str) -> bool:
        """Whether a decorator's last name is one of *names* (``functools.cached_property`` is ``cached_property``)."""
        decorators = self.decorators
        return bool(decorators) and any(last_name(d) in names for d in decorators)

    @property
    def is_property(self) -> bool:
        """Whether an attribute of that name runs it."""
        return self.decorated(*PROPERTIES)

    @property
    def is_method(self) -> bool:
        """Whether calls through an instance or class pass a first argument implicitly."""
        return self.owner is not None and not self.decorated("staticmethod")

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it stands: what functions are sorted by, since a set of them has another order in every run."""
        return self.module.path, getattr(self.node, "lineno", 0), getattr(self.node, "col_offset", 0)

    def __repr__(self) -> str:
        return f"<function {self.module.path}:{self.name}>"


def _parameters_of(arguments: ast.arguments | None) -> tuple[ast.arg, ...]:
    if not isinstance(arguments, ast.arguments):
        return ()
    starred = [arguments.vararg] if arguments.vararg else []
    keywords = [arguments.kwarg] if arguments.kwarg else []
    return (*arguments.posonlyargs, *arguments.args, *starred, *arguments.kwonlyargs, *keywords)


def last_name(node: ast.AST) -> str | None:
    """The last identifier of a dotted name or of a call of one."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return last_name(func)
    return None


def is_super(node: ast.AST) -> bool:
    """Whether *node* is a call of ``super``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of *body* and of the blocks in it, without entering functions and classes."""
    for statement in body:
        yield statement
        match statement:
            case (
                ast.If(body=inner, orelse=other)
                | ast.For(body=inner, orelse=other)
                | ast.While(body=inner, orelse=other)
            ):
                yield from statements(inner)
                yield from statements(other)
            case ast.With(body=inner) | ast.AsyncWith(body=inner) | ast.AsyncFor(body=inner):
                yield from statements(inner)
            case ast.Try(body=inner, handlers=handlers, orelse=other, finalbody=final):
                yield from statements(inner)
                for handler in handlers:
                    yield from statements(handler.body)
                yield from statements(other)
                yield from statements(final)


def bindings_of(body: list[ast.stmt]) -> tuple[dict[str, list[Binding]], list[Binding]]:
    """The names that *body* binds, and its star imports."""
    bound: dict[str, list[Binding]] = {}
    stars: list[Binding] = []

    fallbacks = {
        inner
        for node in body
        if isinstance(node, ast.Try) and _imports_fail(node)
        for h in node.handlers
        for inner in statements(h.body)
    }
    checking = {inner for node in body if _is_type_checking(node) for inner in statements(node.body)}  # type: ignore[attr-defined]

    def bind(name: str, binding: Binding) -> None:
        if checking and node in checking:
            binding = replace(binding, checking=True)
        if node in fallbacks and name in bound:
            # The arm of an older version: the name is what it is with the current one.
            return
        bound.setdefault(name, []).append(binding)

    for node in statements(body):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    if alias.asname:
                        bind(alias.asname, Binding("import", node, alias.name))
                    else:
                        bind(alias.name.split(".")[0], Binding("import", node, alias.name.split(".")[0]))
            case ast.ImportFrom(module=module, names=aliases, level=level):
                for alias in aliases:
                    binding = Binding("import", node, module or "", alias.name, level)
                    if alias.name == "*":
                        stars.append(Binding("star", node, module or "", None, level))
                    else:
                        bind(alias.asname or alias.name, binding)
            case ast.ClassDef(name=name):
                bind(name, Binding("class", node))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bind(name, Binding("function", node))
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        bind(target.id, Binding("value", value))
                    else:
                        for name in stored_names(target):
                            bind(name, Binding("other", node))
            case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation):
                bind(name, Binding("value", value or annotation, annotation=annotation))
            case ast.AugAssign(target=ast.Name(id=name)):
                bind(name, Binding("other", node))
            case ast.For(target=target) | ast.AsyncFor(target=target):
                for name in stored_names(target):
                    bind(name, Binding("other", node))
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars:
                        for name in stored_names(item.optional_vars):
                            bind(name, Binding("other", node))
    return bound, stars


def exports(module: ModuleFacts, name: str) -> bool:
    """Whether ``from module import *`` brings *name* along if the module has it: what ``__all__`` lists, or all that is not private."""
    listed = module.bindings.get("__all__")
    if not listed:
        return not name.startswith("_")
    value = listed[0].node
    if len(listed) > 1 or module.source.text.count("__all__") > 1 or not isinstance(value, (ast.List, ast.Tuple)):
        return True
    names = [e.value if isinstance(e, ast.Constant) else None for e in value.elts]
    return name in names or None in names


def _imports_fail(node: ast.Try) -> bool:
    """Whether the handlers of *node* stand in for imports that an older version does not have."""
    return any(
        h.type is not None
        and any(
            last_name(t) in ("ImportError", "ModuleNotFoundError")
            for t in ast.walk(h.type)
            if isinstance(t, (ast.Name, ast.Attribute))
        )
        for h in node.handlers
    )


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING"


def stored_names(node: ast.AST) -> Iterator[str]:
    """The plain names that an assignment to *node* binds."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from stored_names(part)
        case ast.Starred(value=value):
            yield from stored_names(value)


def module_facts(source: Source) -> ModuleFacts:
    """Index *source*: names, classes with their members, functions; function bodies stay closed."""
    module = ModuleFacts(source, package=source.path.rsplit("/", 1)[-1] == "__init__.py")
    module.bindings, module.stars = bindings_of(source.tree.body)
    module.body = FunctionFacts(module, source.tree, None, None)
    _index(source.tree.body, module, None, None)
    return module


def _index(body: list[ast.stmt], module: ModuleFacts, owner: ClassFacts | None, outer: FunctionFacts | None) -> None:
    for node in statements(body):
        match node:
            case ast.ClassDef():
                cls = module.classes.get(node)
                if cls is None:
                    cls = module.classes[node] = ClassFacts(module, node, owner or outer)
                    cls.members, _ = bindings_of(node.body)
                _index(node.body, module, cls, outer)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node not in module.functions:
                    facts = module.functions[node] = FunctionFacts(module, node, owner, outer)
                    if owner is not None:
                        owner.methods.append(facts)
                    if outer is not None:
                        outer.inner.append(facts)


def index_function(function: FunctionFacts) -> None:
    """Index the classes and functions that are defined inside *function*."""
    if function.opened:
        return
    function.opened = True
    body = getattr(function.node, "body", None)
    if isinstance(body, list) and not isinstance(function.node, ast.Module):
        _index(body, function.module, None, function)


def is_generator(node: ast.AST) -> bool:
    """Whether the function *node* yields, so that a call of it gives something else than what it returns."""
    return _scope(node)[1]


def local_names(node: ast.AST) -> frozenset[str]:
    """The names that the function *node* binds in its own scope (parameters included, ``global`` ones not)."""
    return _scope(node)[0]


@functools.lru_cache(maxsize=1 << 17)
def _scope(node: ast.AST) -> tuple[frozenset[str], bool]:
    """What the function *node* binds, and whether it yields: one walk that does not enter other scopes."""
    names: set[str] = set()
    outside: set[str] = set()
    yields = False
    arguments = getattr(node, "args", None)
    if isinstance(arguments, ast.arguments):
        names.update(a.arg for a in walk(arguments) if isinstance(a, ast.arg))
    body = getattr(node, "body", [])
    stack: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while stack:
        inner = stack.pop()
        kind = inner.__class__
        if kind is ast.Name:
            if inner.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined]
                names.add(inner.id)  # type: ignore[attr-defined]
            continue
        if kind is ast.Constant:
            continue
        if kind in _BINDING:
            match inner:
                case ast.Yield() | ast.YieldFrom():
                    yields = True
                case ast.Global(names=listed) | ast.Nonlocal(names=listed):
                    outside.update(listed)
                case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                    names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    names.add(name)
                    stack.extend(inner.decorator_list)
                    continue
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    names.add(name)
                case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    for walrus in walk(inner):
                        if isinstance(walrus, ast.NamedExpr) and isinstance(walrus.target, ast.Name):
                            names.add(walrus.target.id)
                    continue
        stack += children(inner)
    return frozenset(names - outside), yields


_BINDING = frozenset(
    {
        *(ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
        *(ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    }
)
"""The nodes that bind a name, yield, or are a scope of their own."""
