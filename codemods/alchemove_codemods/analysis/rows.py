"""Whether the rows of a statement can come twice, which is where Query's de-duplication matters."""

from __future__ import annotations

from alchemove_codemods.values import State, Value


def rows_can_repeat(state: State) -> bool:
    """Whether the same combination of selected entities can come twice, so that Query's de-duplication matters."""
    if "eager" in state.may:
        return True
    if "contains_eager" in state.may and "join" not in state.must:
        # Every row comes with every row of a table that only the option put into FROM.
        return True
    if "limit_one" in state.must:
        return False
    if {"distinct", "group_key"} & state.must and "distinct_on" not in state.may:
        return False
    if "set" in state.must and "dup" not in state.may and state.must & {"set"} and len(state.elements or ()) == 1:
        return False
    if state.may & {"dup", "opaque", "join_table"} or state.elements is None:
        return True
    selected = {e.value for e in state.elements if e.kind == "entity"}
    joined = state.froms - selected
    foreign = state.criteria - selected - joined
    extra = {v for v in foreign if not _joined_singly(state, v)}
    return bool(joined or extra)


def _joined_singly(state: State, value: Value) -> bool:
    return "single-join" in state.may and state.last == value
