"""all, first, one, one_or_none and iteration: the statement run on the session, with the result that Query gave.

    query(User).all()                 ->  session.scalars(select(User)).all()
    query(User.id, User.name).all()   ->  session.execute(select(User.id, User.name)).all()
    query(User).first()               ->  session.scalars(select(User).limit(1)).first()
    for user in query(User):          ->  for user in session.scalars(select(User)):
    dict(query(User.id, User.name))   ->  dict(session.execute(select(User.id, User.name)).all())
    for user in users:                ->  for user in session.scalars(users) if isinstance(users, Select) else users:

The last one where the variable may hold a list as well. A query that is handed to a template of Flask is sent before it is rendered, if the
template goes through it once, whatever else it is given: ``render_template("users.html", users=session.scalars(users).all())``.

One entity comes as itself (``scalars``), anything else as rows (``execute``). Query drops duplicate rows wherever a row holds an
entity, so ``.unique()`` is added, except where no row can come twice: one table, many-to-one joins, ``GROUP BY`` the primary
key, ``DISTINCT``, ``LIMIT 1``.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select, bare, in_parentheses
from alchemove_codemods.rewrite.laziness import is_run_last, starts_at_once
from alchemove_codemods.rewrite.views import Iterated, Refusal, Terminal


@rule("all", stage="select")
def all_(end: Terminal) -> str:
    """A list of all rows."""
    return end.run("all")


@rule("one", stage="select", on=("one", "one_or_none"))
def one(end: Terminal) -> str:
    """Exactly one row; the exceptions are the same."""
    return end.run(end.step.method)


@rule(
    "first",
    stage="select",
    reasons={
        "maybe-from-statement": "from_statement() is called on some paths only, and decides whether first() adds LIMIT 1."
    },
)
def first(end: Terminal) -> str | Refusal:
    """The first row: Query adds LIMIT 1, unless the statement is given."""
    if "from_statement" in end.state.must:
        return end.run("first")
    if "from_statement" in end.state.may:
        return Refusal("maybe-from-statement")
    limited = end.query.state.with_("limit", "limit_one")
    return end.with_state(limited).run("first", select=limit_one(end))


def limit_one(end: Terminal) -> Select:
    """The statement with LIMIT 1, which replaces an earlier limit."""
    select = end.select
    if "limit_one" in end.state.must and select.links and select.links[-1].name == "limit":
        return select
    inside, comment = in_parentheses(select)
    if inside is not None and (inside.stacked or not comment):
        # The call around it takes the place of the parentheses.
        joiner = next((bare(link.joiner) for link in reversed(inside.links) if "\n" in link.joiner), ".")
        return inside.plus(Link("limit", "(1)", comment + joiner))
    joiner = end.tail_joiner if select.stacked and "#" not in end.tail_joiner and "\n" in end.tail_joiner else "."
    return select.plus(Link("limit", "(1)", joiner))


@rule(
    "iteration",
    stage="select",
    reasons={
        "lazy-iteration": "The query is sent when a generator (or iter, map, zip ...) is asked for its first item, which may be later: session.scalars() would be sent where it stands. Use a list comprehension, or make the generator where it is gone through."
    },
)
def iteration(end: Iterated) -> str | Refusal:
    """A query that is gone through."""
    module = end.file.module
    if not starts_at_once(end.iteration.node, module.source.parents, module.bindings):
        return Refusal("lazy-iteration")
    if end.iteration.shown and not is_run_last(end.iteration.node, module.source.parents):
        return Refusal("query-escapes")
    if end.iteration.among and {"set", "from_self", "from_statement"} & end.state.may:
        return Refusal("mixed-value")
    text = end.run("all") if end.iteration.needs_list or end.iteration.shown else end.run()
    return end.unless_other(text) if end.iteration.among else text
