"""Objects that keep an engine and the factory of its sessions: ``database = Database(url)``, whose class makes both.

    class Database:
        def __init__(self, url):
            self.engine = create_engine(url)
            self.SessionLocal = sessionmaker(bind=self.engine)

        def get_db(self):
            with self.SessionLocal() as session:
                yield session

An attribute or method of such an object is as good as a global where the object is the only one of its class, and nothing binds
what it has once more. It is named like one, too: ``("app/database.py", "database.SessionLocal")``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.places import function_around, is_value
from alchemove_codemods.analysis.transactions.names import Origin, enclosing, origin
from alchemove_codemods.analysis.transactions.patching import is_patched
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.trees import walk

# What decides itself which attributes there are, or how many objects.
_OWN_RULES = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__new__"})


class DatabaseObjects:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._only: dict[ClassFacts, Origin | None] = {}
        self._made: dict[Origin, tuple[FunctionFacts, ast.expr] | None] = {}

    def origin(self, function: FunctionFacts, node: ast.expr) -> Origin | None:
        """The name of the attribute *node* of such an object, read in *function*; None for anything else."""
        match node:
            case ast.Attribute(value=ast.Name() | ast.Attribute() as owner, attr=name):
                found = self._held(function, owner)
                return (found[0], f"{found[1]}.{name}") if found is not None else None
        return None

    def class_of(self, where: Origin) -> ClassFacts | None:
        """The class of the global *where*, which holds the only object of it."""
        home = self._program.module(where[0]) if where[0] in self._program.raw else None
        match [b.node for b in home.bindings.get(where[1], ()) if not b.checking] if home is not None else []:
            case [ast.Call(func=func)] if home is not None:
                cls = self._class(home.body, func)
                return cls if cls is not None and self.holding(cls) == where else None
        return None

    def holding(self, cls: ClassFacts) -> Origin | None:
        """The global that holds the only object of *cls*."""
        if cls not in self._only:
            self._only[cls] = None
            self._only[cls] = self._find(cls)
        return self._only[cls]

    def names(self, cls: ClassFacts) -> Iterator[Origin]:
        """The attributes that the only object of *cls* has by its methods, and these."""
        found = self.holding(cls)
        if found is not None:
            given = {attribute: None for method in cls.methods for attribute, _ in _stores(method)}
            for name in (*given, *(m.name for m in cls.methods)):
                yield found[0], f"{found[1]}.{name}"

    def method(self, where: Origin) -> FunctionFacts | None:
        """The method that *where* names: ``("app/database.py", "database.get_db")``."""
        holder, _, name = where[1].rpartition(".")
        cls = self.class_of((where[0], holder)) if holder else None
        found = [m for m in cls.methods if m.name == name] if cls is not None else []
        return found[0] if len(found) == 1 else None

    def bound(self, method: FunctionFacts) -> Origin | None:
        """By which name *method* is had of the only object of its class."""
        found = self.holding(method.owner) if method.owner is not None and method.outer is None else None
        return (found[0], f"{found[1]}.{method.name}") if found is not None else None

    def made(self, where: Origin) -> tuple[FunctionFacts, ast.expr] | None:
        """What the attribute *where* is given, once and for all, and the method that does so."""
        if where not in self._made:
            holder, _, name = where[1].rpartition(".")
            cls = self.class_of((where[0], holder)) if holder else None
            self._made[where] = self._given(cls, name) if cls is not None else None
        return self._made[where]

    def same(self, method: FunctionFacts, name: str) -> Origin | None:
        """The attribute that *method* gives what its variable *name* holds: ``self.engine = engine``."""
        found = self.holding(method.owner) if method.owner is not None else None
        bound = [n for n in walk(method.node) if isinstance(n, ast.Name) and n.id == name and _is_stored(n)]
        for attribute, value in _stores(method):
            if found is not None and isinstance(value, ast.Name) and value.id == name and len(bound) == 1:
                return (found[0], f"{found[1]}.{attribute}")
        return None

    # objects ------------------------------------------------------------------------------------------------------

    def _held(self, function: FunctionFacts, node: ast.expr) -> Origin | None:
        """The global that holds the object *node*: itself, or that of the methods' ``self``."""
        if isinstance(node, ast.Name) and (holder := enclosing(function, node.id)) is not None:
            own = holder.owner is not None and _own(holder) == node.id
            return self.holding(holder.owner) if own and holder.owner is not None else None
        where = origin(self._program, function, node)
        return where if where is not None and self.class_of(where) is not None else None

    def _class(self, function: FunctionFacts, node: ast.expr) -> ClassFacts | None:
        where = origin(self._program, function, node)
        home = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
        match [b.node for b in home.bindings.get(where[1], ())] if home is not None and where is not None else []:
            case [ast.ClassDef() as found] if home is not None:
                return home.classes[found]
        return None

    def _find(self, cls: ClassFacts) -> Origin | None:
        node = cls.node
        plain = all(last_name(base) == "object" for base in node.bases) and not node.keywords
        if not plain or node.decorator_list or node not in cls.module.source.tree.body:
            return None
        if any(m.name in _OWN_RULES or m.decorated("classmethod") for m in cls.methods):
            return None
        uses = list(self._uses(cls))
        match uses:
            case [(module, ast.Call() as call)]:
                names = [n for n, made in module.bindings.items() if any(b.node is call for b in made)]
            case _:
                return None
        if len(names) != 1 or len(module.bindings[names[0]]) != 1:
            return None
        where = (module.path, names[0])
        return None if self._is_rebound(where) else where

    def _uses(self, cls: ClassFacts) -> Iterator[tuple[ModuleFacts, ast.AST]]:
        """Where the program makes objects of *cls*, or might: the calls, and what else it does with the class; its tests may make more of them."""
        for path in self._program.naming(cls.name):
            module = self._program.module(path) if not is_test_file(path) else None
            for node in _named(module, cls.name) if module is not None else ():
                assert module is not None
                if origin(self._program, function_around(module, node), node) != (cls.module.path, cls.name):
                    continue
                parent = module.source.parents.get(node)
                if isinstance(parent, ast.Call) and parent.func is node:
                    yield module, parent
                elif isinstance(parent, ast.ClassDef) or is_value(module, node):
                    yield module, node

    def _is_rebound(self, where: Origin) -> bool:
        """Whether something gives the global *where* another meaning from outside."""
        name = where[1]
        if is_patched(self._program, name):
            return True
        for path in self._program.naming(name):
            module = self._program.module(path)
            for node in module.source.of_kind(ast.Attribute) if module is not None else ():
                stored = node.attr == name and _is_stored(node)
                if stored and module and origin(self._program, function_around(module, node), node) == where:
                    return True
        home = self._program.module(where[0])
        return home is None or any(name in each.names for each in home.source.of_kind(ast.Global))

    # attributes ---------------------------------------------------------------------------------------------------

    def _given(self, cls: ClassFacts, name: str) -> tuple[FunctionFacts, ast.expr] | None:
        if any(m.name == name for m in cls.methods) or is_patched(self._program, name):
            return None
        if any(b.node is not b.annotation and not _is_none(b.node) for b in cls.members.get(name, ())):
            return None
        own = {node: m for m in cls.methods for node in walk(m.node)}
        found: list[tuple[FunctionFacts, ast.expr]] = []
        for path in self._program.naming(name):
            module = self._program.module(path)
            for node in module.source.of_kind(ast.Attribute) if module is not None else ():
                if node.attr != name or not _is_stored(node) or module is None:
                    continue
                if (method := own.get(node)) is not None and _is_own(method, node):
                    value = _value(module, node)
                    if value is None:
                        return None
                    found += [(method, value)] if not _is_none(value) else []
                elif not self._is_of_another(module, node):
                    return None
        return found[0] if len(found) == 1 else None

    def _is_of_another(self, module: ModuleFacts, node: ast.Attribute) -> bool:
        """Whether the object of the attribute *node* is that of a method of some other class."""
        around: FunctionFacts | None = function_around(module, node)
        while around is not None and around.owner is None:
            around = around.outer
        return around is not None and _is_own(around, node)


def _named(module: ModuleFacts, name: str) -> Iterator[ast.expr]:
    yield from (n for n in module.source.of_kind(ast.Name) if n.id == name)
    yield from (n for n in module.source.of_kind(ast.Attribute) if n.attr == name)


def _own(method: FunctionFacts) -> str | None:
    """What *method* calls the object it is called on."""
    if not method.is_method or not method.parameters or method.decorated("staticmethod", "classmethod"):
        return None
    name = method.parameters[0].arg
    rebound = any(isinstance(n, ast.Name) and n.id == name and _is_stored(n) for n in walk(method.node))
    return None if rebound else name


def _is_own(method: FunctionFacts, node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == _own(method)


def _stores(method: FunctionFacts) -> Iterator[tuple[str, ast.expr]]:
    for node in walk(method.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_own(method, node):
            value = _value(method.module, node)
            if value is not None:
                yield node.attr, value


def _value(module: ModuleFacts, stored: ast.Attribute) -> ast.expr | None:
    """What the attribute *stored* is given by its statement; None where that is one of several."""
    match module.source.parents.get(stored):
        case ast.Assign(targets=[_], value=value):
            return value
        case ast.AnnAssign(value=ast.expr() as value):
            return value
    return None


def _is_stored(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
