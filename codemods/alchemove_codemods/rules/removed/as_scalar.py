"""as-scalar: ``as_scalar()`` of a ``select()`` has a new name.

    select(func.max(t.c.id)).as_scalar()     ->  select(func.max(t.c.id)).scalar_subquery()

It is the same subquery; the old name warns on 2.x.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone


@rule("as-scalar", stage="select")
def as_scalar(gone: Gone) -> None:
    """``scalar_subquery()``."""
    gone.rename("scalar_subquery")
