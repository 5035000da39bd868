"""query-flow: where a query goes decides whether it can be converted.

All uses of a query convert together or not at all: the place that makes it, the builder calls on it, the variables,
parameters and return values that carry it, and the places that run it. If one of them cannot be converted, none is, and
the reason is given for every site of the component.

    query = session.query(User)
    if name:
        query = query.filter_by(name=name)
    return query.all()

becomes

    query = select(User)
    if name:
        query = query.filter_by(name=name)
    return session.scalars(query).all()

A helper that returns a query returns a statement afterwards, and its callers run it on the session that they hold.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule

REASONS = {
    "query-escapes": "The query is passed to code that is not part of the program (or cannot be resolved). Run it before the call, or convert the call by hand.",
    "query-stored": "The query is kept in a container or an attribute from where it cannot be followed. Keep the statement in a variable and run it where it is used.",
    "query-as-text": "The query itself is printed or formatted: str(query) differs from str(select()). Use str(statement.compile(session.get_bind())) by hand.",
    "query-inspected": "The code looks into the Query object (isinstance, len, getattr or an attribute that select() lacks).",
    "truth-test": "The query is tested for truth where the outcome is used as a value, or may be something else: a Query is always true, a select() raises TypeError. Test 'is not None', or run the query first.",
    "mixed-value": "The variable may hold a query or something else that is used in the same way. Separate the two.",
    "unknown-callers": "The function takes or returns a query, and not all of its callers are known: a template, a file that cannot be parsed or code outside of the program may be one. Convert the function and its callers by hand.",
    "session-not-in-scope": "The query is run where the session that made it has no name. Pass the session along.",
    "several-sessions": "The query may belong to one of several sessions. Pass the session along with the statement.",
    "session-rebound": "What the session is written as may be another one where the query is run: its name or attribute is assigned in between, or its property opens one each time. Keep the session in a variable.",
    "optional-import": "The file can be imported where SQLAlchemy is missing, and something that does not need it does so: an import of select() above its functions would fail there. Import it in the function, or keep this part in a file of its own.",
    "unknown-elements": "It is not known whether rows of this query are single objects or tuples (the argument of query() could not be resolved). Annotate it, for instance as type[Model].",
    "maybe-yield-per": "yield_per() is set on some paths only, and decides whether rows are de-duplicated.",
    "backref-first": "The criteria use an attribute that only a backref makes: it exists once the mappers are configured, and it is not known what does that before them. Call sqlalchemy.orm.configure_mappers() when all models are imported, or write the relationship on both sides with back_populates.",
    "unhashable-row": "A row holds an object and a column whose values cannot be hashed (JSON, ARRAY): Query de-duplicates such rows by identity, select() cannot.",
    "core-only-autoflush": "The statement has no ORM construct in it: on SQLAlchemy 2.0 it would not autoflush as the Query does. Add select_from(Entity), or call session.flush() first.",
    "custom-query-class": "The query or its session is of a custom class whose methods may change its behaviour, or the program replaces one of theirs (Query.all = ...). Move what it does into functions that take and return a select().",
    "unknown-method": "This method is not one of sqlalchemy.orm.Query's.",
    "query-events": "The program listens to events that only a Query fires (before_compile, after_bulk_update, after_bulk_delete). Use the do_orm_execute event of Session first.",
    "session-not-proved": "This looks like session.query(), but nothing proves that it is a session. Annotate it as sqlalchemy.orm.Session, or name it in session_names.",
    "query-reference": "The method query itself is kept or handed on, so that what is called later cannot be followed. Call session.query() where the query is made.",
    "model-not-proved": "This looks like Model.query, but the class was not found to be a mapped class with a query attribute.",
    "mocked-query": "A test mocks the chain of calls on a Query, or puts something else in the place of query. It has to be rewritten by hand against the statement, or better against a database.",
    "bulk-methods": "bulk_insert_mappings and its relatives have no modern form that is the same in every case; they keep working on 2.x.",
    "cascade-backrefs": "SQLAlchemy 1.4 adds this new object to the session of what it is given here, by the backref (cascade_backrefs); 2.0 does not, so it would not be saved. Nothing else in this function adds it: call session.add() with it if it is to be saved.",
    "row-keys": "The code reads names from a row that Query and select() name differently (duplicate or unlabelled columns). Label them.",
    "outside-targets": "The query also lives in a file that is not to be rewritten in this run.",
    "skipped": "A comment '# alchemove: skip' asks to leave this site.",
    "internal-error": "The edits of this file did not fit together, so it was left as it is. This is a bug in alchemove: please report it.",
    "too-complex": "The analysis did not settle for this function.",
}


@rule("query-flow", stage="select", reasons=REASONS)
def query_flow() -> None:
    """Decided in ``decide``: this rule only declares what can be said."""
