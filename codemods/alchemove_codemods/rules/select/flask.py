"""get_or_404, first_or_404, one_or_404, paginate: the methods of Flask-SQLAlchemy's extension object.

    User.query.get_or_404(1)                         ->  db.get_or_404(User, 1)
    User.query.filter_by(name=n).first_or_404()      ->  db.first_or_404(select(User).filter_by(name=n).limit(1))
    User.query.paginate(page=2)                      ->  db.paginate(select(User), page=2)

They exist since Flask-SQLAlchemy 3.0. All but paginate() keep duplicates, and they give single values. first_or_404() of anything else is what
it does written out, where an object that is found is certainly true:

    Team.query.options(joinedload(Team.users)).first_or_404()
        ->  db.session.scalars(select(Team).options(joinedload(Team.users)).limit(1)).unique().first() or abort(404)

So are first_or_404() and get_or_404() where the project allows Flask-SQLAlchemy 2.x only, and where the session is none of an extension object:

    User.query.get_or_404(1)                         ->  db.session.get(User, 1) or abort(404)

The others are refused for rows of several columns and where Query would have dropped duplicates.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.rows import rows_can_repeat
from alchemove_codemods.facts import ClassFacts
from alchemove_codemods.pinned import only_below
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.extensions import extension_of
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.rules.select.get import get_arguments
from alchemove_codemods.rules.select.results import limit_one
from alchemove_codemods.values import Class, Element, Entity, parts

_DESCRIPTION = frozenset({"description"})


@rule(
    "flask-terminal",
    stage="select",
    on=("get_or_404", "first_or_404", "one_or_404", "paginate"),
    reasons={
        "flask-rows": "Flask-SQLAlchemy's function gives single values and keeps duplicates; this query has rows of columns, or may have duplicates.",
        "flask-arguments": "The arguments have no exact modern form (positional ones of paginate, for instance).",
        "pagination-inspected": "The class of the pagination is looked at, or may be, by unknown callers: db.paginate() gives another one (SelectPagination) than Query.paginate(). Convert it by hand if it makes no difference.",
        "flask-object": "The extension object (db) has no name here, or the project allows Flask-SQLAlchemy 2.x only, where it has no such function: move it to 3.0 first.",
    },
)
def flask_terminal(end: Terminal) -> str | Refusal:
    """``db.<method>(...)``."""
    method = end.step.method
    knowledge, held = end.file.knowledge, end.query.held
    database = extension_of(knowledge, end.chain.function, end.session, held) if _has_functions(end) else None
    if method == "get_or_404":
        return _get_or_404(end, database)
    if method == "first_or_404" and (database is None or _needs_more(end)):
        return _first_or_404(end)
    if database is None:
        return Refusal("flask-object")
    if not end.single_entity:
        return Refusal("flask-rows")
    if any(isinstance(a, ast.Starred) for a in end.positional) or any(k.arg is None for k in end.call.keywords):
        return Refusal("flask-arguments")
    state = end.state
    if method == "one_or_404" and rows_can_repeat(state):
        return Refusal("flask-rows")
    select = limit_one(end) if method == "first_or_404" else end.select
    if method == "paginate":
        if end.positional:
            return Refusal("flask-arguments")
        if {"limit", "offset", "group_by", "set", "yield_per"} & state.may:
            return Refusal("flask-rows")
        extra = "".join(f", {k.arg}={end.text(k.value)}" for k in end.call.keywords)
    else:
        extra = _description(end, end.positional)
    return end.wrap(f"{database}.{method}(", select, f"{extra})")


def _has_functions(end: Terminal) -> bool:
    """Whether the extension object has these functions in a version that the project allows."""
    return not only_below(end.file.knowledge.flask_sqlalchemy, (3, 0))


def _needs_more(end: Terminal) -> bool:
    """Whether ``db.first_or_404()`` would give something else: it keeps duplicates, and gives one value of a row."""
    return not end.single_entity or rows_can_repeat(end.state.with_("limit_one"))


def _first_or_404(end: Terminal) -> str | Refusal:
    """``... .first() or abort(404)``."""
    true = not end.single_entity or always_true(end.models, end.known_elements[0])
    if "from_statement" in end.state.may or not true:
        return Refusal("flask-rows")
    limited = end.query.state.with_("limit", "limit_one")
    return _written_out(end, end.with_state(limited).run("first", select=limit_one(end)), end.positional)


def _written_out(end: Terminal, found: str, description: list[ast.expr]) -> str | Refusal:
    """``found or abort(404)``, with the *description* that was given by position, or with the one that was given by keyword."""
    arguments = [*description, *(k.value for k in end.call.keywords if k.arg in _DESCRIPTION)]
    if any(isinstance(node, (ast.Call, ast.Await, ast.NamedExpr)) for a in arguments for node in ast.walk(a)):
        # It would be called only where nothing is found.
        return Refusal("flask-arguments")
    text = f"{found} or {end.name('abort', 'flask')}(404{_description(end, description)})"
    return text if _stands_free(end) else f"({text})"


def always_true(models: Models, element: Element) -> bool:
    """Whether every object of the class *element* counts as true: nothing that it inherits defines a truth of its own."""
    classes: list[ClassFacts] = []
    for value in parts(element.value):
        match value:
            case Class(facts=facts, some=some):
                classes += [facts, *models.subclasses(facts)] if some or models.polymorphic(facts) else [facts]
            case Entity(model=ClassFacts() as facts):
                classes += [facts, *models.subclasses(facts)]
            case _:
                return False
    return all(
        models.closed(cls)
        and not any({"__bool__", "__len__"} & ancestor.members.keys() for ancestor in models.ancestors(cls))
        for cls in classes
    )


def _stands_free(end: Terminal) -> bool:
    """Whether an ``or`` needs no parentheses at this place."""
    node = end.step.node
    match end.file.parents.get(node):
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.Expr() | ast.keyword():
            return True
        case ast.Call(func=function):
            return function is not node
    return False


def _get_or_404(end: Terminal, database: str | None) -> str | Refusal:
    """``db.get_or_404(...)``, written out where there is no *database* that has it."""
    names = {k.arg for k in end.call.keywords}
    starred = any(isinstance(a, ast.Starred) for a in end.positional)
    if starred or not names <= {"ident", *_DESCRIPTION} or not (end.positional or "ident" in names):
        return Refusal("flask-arguments")
    arguments = get_arguments(end)
    if isinstance(arguments, Refusal):
        return arguments
    description = end.positional[1:]
    if database is not None:
        return f"{database}.get_or_404({arguments}{_description(end, description)})"
    if not always_true(end.models, end.known_elements[0]):
        return Refusal("flask-object")
    return _written_out(end, f"{end.session}.get({arguments})", description)


def _description(end: Terminal, positional: list[ast.expr]) -> str:
    """Query takes the description by position, the extension object by keyword."""
    texts = [f", description={end.text(a)}" for a in positional]
    return "".join([*texts, *(f", {k.arg}={end.text(k.value)}" for k in end.call.keywords if k.arg in _DESCRIPTION)])
