"""New objects that get into a session by their backref only, which 2.0 removed without an error (``cascade_backrefs``).

    post = Post(author=user)      # 1.4: this is user.posts.append(post), too, and puts post into the session of user
    session.commit()              # 2.0: post was never added, nothing is saved

(https://docs.sqlalchemy.org/en/20/changelog/migration_20.html, "cascade_backrefs behavior deprecated for removal in 2.0".) An object that
is handed on, given back, kept, or asked for a method may be added by somebody else: nothing is said of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.records import Suspect
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class

RULE = "cascade-backrefs"
Given = tuple[ast.expr, ast.expr]
"""Where a new object is given another one, and what that is."""

_ADDING = frozenset({"add", "add_all", "merge"})


def note_cascading(knowledge: Knowledge) -> None:
    """Note where a new object is given what may have a session, if nothing else can add it."""
    allowed = knowledge.sqlalchemy
    if allowed is not None and allowed[0] >= (2, 0):
        return  # it is not added today either
    program = knowledge.program
    if program.mentioning(b"cascade_backrefs", b"future=True"):
        return  # somebody has taken care of it
    for related in _names_of_related(knowledge):
        for name in (related, *program.renamings.get(related, ())):
            for module in filter(None, map(program.module, program.mentioning(f"{name}(".encode()))):
                for call in module.source.of_kind(ast.Call):
                    if last_name(call.func) == name:
                        _note(knowledge, module, call)


def _note(knowledge: Knowledge, module: ModuleFacts, call: ast.Call) -> None:
    value = knowledge.static(module, call.func)
    if not isinstance(value, Class) or not knowledge.models.is_mapped(value.facts):
        return
    function = function_around(module, call)
    given = list(_given(knowledge, value.facts, function, call))
    for place, each in given:
        if _may_be_in_a_session(knowledge, function, each) and not _comes_along(knowledge, function, call, given):
            record = Suspect(place, RULE, RULE, module.body)
            knowledge.records.setdefault(module.body, {})[place, "Suspect"] = record


def _names_of_related(knowledge: Knowledge) -> list[str]:
    """The names of the classes with relationships that have another side, and of their subclasses."""
    models, program = knowledge.models, knowledge.program
    found = dict.fromkeys(models.backrefs())
    for module in filter(None, map(program.module, program.mentioning(b"back_populates", b"backref"))):
        for cls in module.classes.values():
            if any(_has_another_side(attribute) for attribute in models.own(cls).values()):
                found.update(dict.fromkeys((cls.name, *(below.name for below in models.subclasses(cls)))))
    return list(found)


def _has_another_side(attribute: Attribute | None) -> bool:
    """Whether what is given to the relationship *attribute* hears of the object that it is given to."""
    if attribute is None or attribute.kind != "relationship" or not isinstance(attribute.node, ast.Call):
        return False
    options = {keyword.arg for keyword in attribute.node.keywords}
    return "viewonly" not in options and not options.isdisjoint({"back_populates", "backref"})


def _given(knowledge: Knowledge, cls: ClassFacts, function: FunctionFacts, call: ast.Call) -> Iterator[Given]:
    """Where the object that *call* makes gets other objects, and these; nothing if somebody else may add it to a session."""
    parents = function.module.source.parents
    match parents.get(call):
        case ast.Expr():
            uses: list[ast.Name] = []
        case ast.Assign(targets=[ast.Name(id=name)]):
            uses = [n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == name]
            if sum(isinstance(n.ctx, ast.Store) for n in uses) > 1 or any(_is_handed_on(parents, n) for n in uses):
                return
        case _:
            return
    if _adds_itself(knowledge, cls):
        return
    models = knowledge.models
    for keyword in call.keywords:
        if keyword.arg is not None and _has_another_side(models.attribute(cls, keyword.arg)):
            yield call, keyword.value
    for use in uses:
        match parents.get(use):
            case ast.Attribute(attr=attr, ctx=ast.Store()) as target if _has_another_side(models.attribute(cls, attr)):
                statement = parents.get(target)
                if isinstance(statement, ast.Assign) and target in statement.targets:
                    yield target, statement.value


def _is_handed_on(parents: dict[ast.AST, ast.AST], use: ast.Name) -> bool:
    """Whether somebody else gets the object that *use* reads: all but its attributes, comparisons, and what is only looked at."""
    if not isinstance(use.ctx, ast.Load):
        return False
    match parents.get(use):
        case ast.Attribute() as attribute:
            called = parents.get(attribute)
            return isinstance(called, ast.Call) and called.func is attribute
        case ast.Compare() | ast.FormattedValue() | ast.Assert() | ast.If() | ast.UnaryOp():
            return False
    return True


def _adds_itself(knowledge: Knowledge, cls: ClassFacts) -> bool:
    """Whether the constructor of *cls* is the program's own: it may do what it wants with the object."""
    return any("__init__" in ancestor.members for ancestor in knowledge.models.ancestors(cls))


def _may_be_in_a_session(knowledge: Knowledge, function: FunctionFacts, value: ast.expr) -> bool:
    """Whether *value* may be an object that is in a session by then: none that *function* itself makes, and has not added."""
    match value:
        case ast.Constant() | ast.List(elts=[]):
            return False
        case ast.Call():
            return not _is_new(knowledge, function, value)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return any(_may_be_in_a_session(knowledge, function, item) for item in items)
        case ast.Name(id=name):
            start = function.module.source.start
            added = any(name in names and start(call) < start(value) for call, names in _added(function))
            return added or not _made(knowledge, function, name)
    return True


def _comes_along(knowledge: Knowledge, function: FunctionFacts, made: ast.Call, given: list[Given]) -> bool:
    """Whether something new that the object *made* is given is added further down, by itself or with what it was given in turn."""
    start = function.module.source.start
    added = {name for call, names in _added(function) if start(call) > start(made) for name in names}
    pending = [n.id for _, each in given for n in walk(each) if isinstance(n, ast.Name)]
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        calls = _made(knowledge, function, name) if name not in seen else []
        seen.add(name)
        if calls and name in added:
            return True
        pending += [n.id for call in calls for n in walk(call) if isinstance(n, ast.Name)]
    return False


def _made(knowledge: Knowledge, function: FunctionFacts, name: str) -> list[ast.Call]:
    """The calls that make the object *name*, if *function* gives that variable nothing but new objects."""
    values = [
        node.value
        for node in walk(function.node)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    calls = [v for v in values if isinstance(v, ast.Call) and _is_new(knowledge, function, v)]
    return calls if len(calls) == len(values) else []


def _is_new(knowledge: Knowledge, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* makes an object of a class."""
    return isinstance(knowledge.static(function.module, call.func), Class)


def _added(function: FunctionFacts) -> list[tuple[ast.Call, set[str]]]:
    """The calls of *function* that add objects to a session, and the names in their arguments."""
    calls = [n for n in walk(function.node) if isinstance(n, ast.Call) and last_name(n.func) in _ADDING]
    return [(c, {n.id for a in c.args for n in walk(a) if isinstance(n, ast.Name)}) for c in calls]
