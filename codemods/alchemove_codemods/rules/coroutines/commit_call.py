"""`commit()` of an endpoint becomes `flush()` where the end of the request commits all the same.

The session of a request is committed before the response is sent. A commit that nothing comes after is then one transaction too many.

    db.add(item)                                       db.add(item)
    db.commit()                                        await db.flush()
    db.refresh(item)                                   await db.refresh(item)
    return item                                        return item

It is so only where nothing can be told apart. Between the commit and the end of the request there may be a `refresh()`, lines for
a log, constants and columns of objects, and a response that cannot fail: constants, columns, or an object that was refreshed, with a
response model of plain fields for columns of their types that are never NULL (or fields that are optional). That is followed through
the functions that commit for endpoints. An exception after a commit leaves what was committed, and would not leave what was flushed;
a background task, a message to a queue, an e-mail or another session would come too early. So `commit()` stays

- before anything else: a call, a `raise`, another write, `add_task()`, a response that could be refused;
- in a loop, a `with`, an exception handler, and before a `finally`;
- in dependencies, in functions whose callers are not all known, and where another dependency of the endpoint has something to do
  at the end of the request;
- in a program whose tests override the session: what they put in its place is not committed at the end of a request;
- in a program that mentions `after_commit`, `before_commit`, isolation levels or deferrable constraints.

The line about the function in the report says what relies on its first commit that stays: `its commit() stays: api.py:31 comes after it`.
"""

from __future__ import annotations

import ast
from functools import partial

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "commit-call"


@rule(_NAME, stage="async")
def commit_call(file: File, plan: Plan) -> None:
    """``db.commit()`` → ``db.flush()``."""
    for node, why in plan.commits.items():
        if why is None:
            assert isinstance(node, ast.Call)
            end = file.module.source.end(node.func)
            file.edits.add(end - len("commit"), end, partial(str, "flush"), _NAME)
