"""implicit-execution, connection-methods: what ran statements without a connection.

    select(users).execute()            a connection has to be named: connection.execute(select(users))
    engine.table_names()               inspect(engine).get_table_names()

Bound metadata is gone, so nothing says here which connection is meant: these are reported.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal


@rule(
    "implicit-execution",
    stage="select",
    reasons={
        "implicit-execution": "The statement runs itself on the engine that its metadata was bound to, which 2.0 removed. Run it on a connection or session."
    },
)
def implicit_execution(gone: Gone) -> Refusal:
    """Only reported."""
    return Refusal("implicit-execution")


@rule(
    "connection-methods",
    stage="select",
    reasons={
        "connection-methods": "This method of engines and connections is gone. Use inspect(engine) for tables, 'with engine.begin() as connection' for the others."
    },
)
def connection_methods(gone: Gone) -> Refusal:
    """Only reported."""
    return Refusal("connection-methods", gone.method)
