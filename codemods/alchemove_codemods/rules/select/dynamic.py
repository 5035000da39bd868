"""dynamic-relationship: ``user.posts.filter(...)`` of a relationship with ``lazy="dynamic"``.

    user.posts.filter(Post.public)      ->  select(Post).where(with_parent(user, User.posts)).where(Post.public)

run by ``object_session(user)``. The order of the mapping is kept. Refused where the collection itself is gone through, counted or asked for
an item while its object is not known to be in a session: that of a new object gives what was appended to it, and so does that of one that is pending
in a session that does not flush by itself, was rolled back or taken out. Known are objects that the database gave, and those that the program made and
added (where nothing mentions ``autoflush``), flushed or committed on every path, itself, in a helper, a ``save()`` method or a
pytest fixture, with nothing in between that may take them out. Once anything is called on the collection it is a query of the database.

A many-to-many relationship becomes the same statement, with ``unique()``, if only its own objects are spoken of in the same expression:
``with_parent()`` has the secondary table under another name than the legacy query.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select
from alchemove_codemods.rewrite.mapped_order import mapped_order
from alchemove_codemods.rewrite.views import Created, Refusal
from alchemove_codemods.values import Class

_ENDS = frozenset({"all", "count", "first", "one", "one_or_none", "first_or_404", "__getitem__", "iteration"})
"""What may follow a many-to-many relationship: no query leaves the expression, and none is put into another."""


@rule(
    "dynamic-relationship",
    stage="select",
    reasons={
        "dynamic-unflushed": "The object is not known to be in a session: a dynamic relationship of a new object gives what was appended to it, unless something like filter() or order_by() is called first. Load the object, or add and flush it, in the same function or in one that returns it.",
        "dynamic-many-to-many": "The dynamic relationship goes through a secondary table that the rest of the query may mean as well, or its class is not known.",
        "dynamic-order": "The order_by of the relationship cannot be written at this place.",
    },
)
def dynamic_relationship(made: Created) -> Select | Refusal:
    """A statement for the objects of the relationship."""
    state = made.creation.query.state
    if "dynamic-secondary" in state.may and not _stays_with_its_objects(made):
        return Refusal("dynamic-many-to-many")
    node, owner = made.creation.node, made.owner
    assert isinstance(node, ast.Attribute)
    if owner is None:
        return Refusal("dynamic-order")
    parent = made.name_of_entity(Class(owner))
    found = made.models.attribute(owner, node.attr)
    target = made.name_of_entity(Class(found.target)) if found is not None and found.target is not None else None
    if parent is None or target is None or found is None:
        return Refusal("dynamic-order")
    links = [
        Link("where", f"({made.name('with_parent', 'sqlalchemy.orm')}({made.text(node.value)}, {parent}.{node.attr}))")
    ]
    if found.order_by is not None:
        order = mapped_order(made, found, found.order_by)
        if order is None:
            return Refusal("dynamic-order")
        links.append(Link("order_by", f"({order})"))
    return Select(f"{made.name('select')}({target})", tuple(links))


def _stays_with_its_objects(made: Created) -> bool:
    """Whether nothing in the expression can mean the secondary table, which ``with_parent()`` puts into FROM under another name."""
    chain = made.chain
    (element,) = made.creation.query.state.elements or (None,)
    if element is None or not isinstance(element.value, Class):
        return False
    ended = chain.terminal.method if chain.terminal is not None else "iteration" if chain.iteration is not None else ""
    asked = [step.after for step in chain.builders]
    return ended in _ENDS and not any(state is None or "beside-secondary" in state.may for state in asked)
