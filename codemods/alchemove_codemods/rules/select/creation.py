"""session-query, model-query, query-constructor, query-wrapper: where a query is made.

    session.query(User)            ->  select(User)
    User.query                     ->  select(User)                 run by db.session or the session of query_property
    Query([User.id], session)      ->  select(User.id)
    self.query(User)               ->  select(User)                 where query() returns self.session.query() of its arguments
    session.query(exists().where(User.id == 1))   ->  select(select(literal_column("*")).where(User.id == 1).exists())

The session that made the query runs the statement: ``session.query(User).all()`` is ``session.scalars(select(User)).all()``.

On SQLAlchemy 2.0 a ``select()`` autoflushes, as every Query does, where something of the ORM is at its surface: ``and_()``, ``or_()``, relationships,
``exists().where()`` and the like hide it. There ``select_from(Entity)`` is added, an ``exists()`` is written from the inside, or the query stays; a session that is opened in the function, and
never gets an object there, has nothing to flush.

``session.query(User)`` also configures the mappers, ``select(User)`` does not before it is run: an attribute that only a ``backref`` makes may not exist yet.
Where criteria have one the statement is ``select(class_mapper(User))``, which is the same and does, unless the program calls ``configure_mappers()``, or something
comes before on every path that configures them: an object of a mapped class, a query that is run, an alias, a loader option, a relationship that is compared.
A query of columns does not configure them, and stays (``backref-first``): what does it there is not known.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select
from alchemove_codemods.rewrite.views import Created, Refusal
from alchemove_codemods.values import Plain

_FORMS = {
    "query-arguments": "query() is called with arguments that select() does not take (a list, a keyword, text).",
}


@rule("session-query", stage="select", reasons=_FORMS)
def session_query(made: Created) -> Select | Refusal:
    """``session.query(...)`` becomes ``select(...)``."""
    call = made.creation.node
    assert isinstance(call, ast.Call)
    if call.keywords or any(isinstance(a, (ast.List, ast.Tuple, ast.Constant)) for a in call.args):
        return Refusal("query-arguments")
    elements = made.creation.query.state.elements or ()
    if any(isinstance(e.value, Plain) and e.kind == "column" for e in elements):
        return Refusal("query-arguments")
    return Select(made.name("select") + made.entities, opening=made.comment_before_call)


@rule("model-query", stage="select")
def model_query(made: Created) -> Select:
    """``Model.query`` becomes ``select(Model)``."""
    text = made.argument_text(made.creation.arguments[0])
    if made.creation.of_instance:
        text = f"type({text})"
    return Select(f"{made.name('select')}({text})")


@rule("query-constructor", stage="select")
def query_constructor(made: Created) -> Select | Refusal:
    """``Query(E, session)`` becomes ``select(E)``."""
    if any(isinstance(a, ast.Starred) for a in made.creation.arguments):
        return Refusal("query-arguments")
    return Select(made.name("select") + made.entities)


@rule(
    "query-wrapper",
    stage="select",
    reasons={
        "query-wrapper": "This function only stands in for query(): its calls are rewritten one by one. Delete it when nothing calls it any more.",
        "wrapper-call": "This calls a function that stands in for query(), with arguments or a session that are not known here. Call query() itself.",
    },
)
def query_wrapper(made: Created) -> Select | Refusal:
    """A call of a function that only calls ``query()`` becomes the ``select(...)`` that it stands for."""
    if any(isinstance(a, (ast.List, ast.Tuple, ast.Constant)) for a in made.creation.arguments):
        return Refusal("query-arguments")
    select = Select(made.name("select") + made.entities)
    if made.creation.criteria:
        criteria = ", ".join(made.argument_text(a) for a in made.creation.criteria)
        return select.plus(Link("where", f"({criteria})"))
    return select
