"""bound-method: a method of a query that is taken without being called, for somebody who calls it later.

    run = query.all                          ->  run = lambda: session.scalars(query).all()
    loop.run_in_executor(None, query.first)  ->  loop.run_in_executor(None, lambda: session.scalars(query.limit(1)).first())

That is the same where nothing but a call becomes of it: in the function itself, in functions of the program that it is passed to,
in ``run_in_executor``, ``to_thread``, ``submit`` or ``run_in_threadpool``. The query has to give objects and to be in a variable that is assigned once, like
its session: a method keeps them, a function looks them up when it runs.
"""

from __future__ import annotations

from alchemove_codemods.analysis.bound_methods import METHODS
from alchemove_codemods.analysis.rebound import rebound
from alchemove_codemods.facts import local_names
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.rules.select.results import first


@rule(
    "bound-method",
    stage="select",
    on=tuple(METHODS.values()),
    reasons={
        "session-of-method": "A method of the query is kept for later (run = query.all), and its session is written as something that may be another one by then, or in another thread. Keep the session in a variable that is assigned once."
    },
)
def bound_method(end: Terminal) -> str | Refusal:
    """A function of no arguments that runs the statement."""
    function, session = end.chain.function.node, end.session
    added = end.query.held is not None and end.query.held.carried
    if not added and (session not in local_names(function) or rebound(function, session)):
        return Refusal("session-of-method", session)
    name = end.step.method.partition(" ")[0]
    text = first(end) if name == "first" else end.run(name)
    return text if isinstance(text, Refusal) else f"lambda: {text}"
