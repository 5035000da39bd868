"""``alchemove verify --allow-eager``: eager loads that take the place of lazy ones are no difference.

A lazy load of the first run may be gone from the second if the second loads the same relationship eagerly: by a
statement of its own (``selectinload``) or by an outer join in the statement of the parent (``joinedload``). The eager
load has to bring at least the rows that the lazy loads brought, and may only load what the first recording loaded
lazily somewhere, be it latent.

``refresh(user, ["posts"])`` loads the relationship eagerly. It asks for the primary key first, which is no difference.

An AsyncSession keeps after a commit what it has (``expire_on_commit=False``), where a Session reads it again. What reads
columns of one object again, and a lazy load of an object that was expired before, may therefore be gone without
another in its place; there may not be more of them. So may a lazy load of what the second run finds in the identity map:
what reads a response while the session is at work finds the objects that the endpoint still holds. And so may one that
found nothing of an object that was made there: a collection that is given to the constructor empty is loaded already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from alchemove.verify_sections import Change, Difference, Sent, align, compare
from alchemove.verify_values import Values

_AFTER_JOINS = frozenset({"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FOR", "UNION", "FETCH"})


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many statements of lazy loads went, of eager loads came, and went that read columns again."""

    lazy: int = 0
    eager: int = 0
    again: int = 0

    def plus(self, other: Replaced) -> Replaced:
        """The sum of both."""
        return Replaced(self.lazy + other.lazy, self.eager + other.eager, self.again + other.again)


def compare_eager(
    before: Sequence[Sent],
    after: Sequence[Sent],
    values: Values,
    lazy: Collection[str],
    latent: Collection[str] = (),
) -> tuple[Difference, Replaced]:
    """What differs apart from eager loads in place of lazy ones.

    Args:
        before: the entries of the first run.
        after: those of the second one.
        values: compares their parameters.
        lazy: the relationships that the first recording loads lazily anywhere.
        latent: those that the second one takes from the identity map somewhere, where they would be loaded otherwise.
    """
    ours, our_loads = _divide(before)
    theirs, their_loads = _divide(after)
    ours, theirs = _began_with_a_statement(ours), _began_with_a_statement(theirs)
    joined = _extend(ours, theirs)
    difference = compare([joined.get(id(each), each) for each in ours], theirs, values)
    extended = {id(each) for each in joined.values()}
    # A joined collection repeats the row of its parent.
    difference.changes = [
        each for each in difference.changes if id(each.before) not in extended or not _only_more_rows(each)
    ]
    _check_loads(difference, our_loads, their_loads, lazy, latent, joined=bool(joined))
    return difference, Replaced(
        sum(our_loads["lazy"].values()) - sum(their_loads["lazy"].values()),
        sum(their_loads["eager"].values()) - sum(our_loads["eager"].values()),
        sum(our_loads["column"].values()) - sum(their_loads["column"].values()),
    )


def _only_more_rows(change: Change) -> bool:
    return bool(change.details) and all(detail.startswith("rows:") for detail in change.details)


_KINDS = ("lazy", "eager", "column", "refresh")
_COUNTED = (*_KINDS, "needless", *(f"{kind} rows" for kind in (*_KINDS, "needless")))

Loads = dict[str, Counter[str]]


def _divide(entries: Iterable[Sent]) -> tuple[list[Sent], Loads]:
    """The entries without what the ORM loads by itself, and those loads by relationship or class: number and rows."""
    rest: list[Sent] = []
    loads: Loads = {name: Counter() for name in _COUNTED}
    for each in entries:
        if each.load and not _locks(each):
            rows = each.entry.get("rows") or 0
            # On SQLite it is not known how many rows there were.
            if each.entry.get("expired") or (each.entry.get("new") and not rows):
                loads["needless"][each.attribute] += 1
                loads["needless rows"][each.attribute] += rows
            loads[each.load][each.attribute] += 1
            loads[f"{each.load} rows"][each.attribute] += rows
        else:
            rest.append(each)
    return rest, loads


def _locks(sent: Sent) -> bool:
    return "FOR" in sent.key


def _began_with_a_statement(entries: Sequence[Sent]) -> list[Sent]:
    """The entries where each transaction begins right before its first statement; without those that have none."""
    begins = {each.entry["transaction"]: each for each in entries if each.entry.get("event") == "BEGIN"}
    used = {each.entry["transaction"] for each in entries if each.statement is not None}
    found: list[Sent] = []
    for each in entries:
        number = each.entry["transaction"]
        if number not in used or each.entry.get("event") == "BEGIN":
            continue
        if each.statement is not None and number in begins:
            found.append(begins.pop(number))
        found.append(each)
    return found


def _check_loads(
    difference: Difference,
    ours: Loads,
    theirs: Loads,
    lazy: Collection[str],
    latent: Collection[str],
    *,
    joined: bool,
) -> None:
    for name in sorted(theirs["lazy"]):
        if theirs["lazy"][name] > ours["lazy"][name]:
            difference.notes.append(
                f"{name} is loaded lazily {ours['lazy'][name]} → {theirs['lazy'][name]} times: more than before"
            )
    for name in sorted(theirs["column"]):
        if theirs["column"][name] > ours["column"][name]:
            counts = f"{ours['column'][name]} → {theirs['column'][name]}"
            difference.notes.append(f"columns of {name} are read again {counts} times: more than before")
    for name in sorted(theirs["eager"].keys() | ours["eager"].keys()):
        if theirs["eager"][name] > ours["eager"][name] and name not in lazy:
            difference.notes.append(f"{name} is loaded eagerly now, and nothing in the first recording loads it lazily")
        if theirs["eager"][name] < ours["eager"][name] and not joined:
            difference.notes.append(f"{name} is loaded eagerly {ours['eager'][name]} → {theirs['eager'][name]} times")
    came = theirs["eager"] - ours["eager"]
    for name in sorted(ours["lazy"]):
        if theirs["lazy"][name] >= ours["lazy"][name]:
            continue
        rows, now = ours["lazy rows"][name], theirs["eager rows"][name] + theirs["lazy rows"][name]
        if theirs["lazy"][name] >= ours["lazy"][name] - ours["needless"][name]:
            continue
        if not came and not joined and name not in latent:
            difference.notes.append(f"{name} was loaded lazily, and nothing loads it now")
        # What was there before it expired does not come again.
        elif came[name] and now < rows - ours["needless rows"][name] and not joined:
            difference.notes.append(f"{name}: the lazy loads brought {rows} rows, the eager ones bring {now}")


def _extend(before: Sequence[Sent], after: Sequence[Sent]) -> dict[int, Sent]:
    """Statements of the first run that the second one extends by joined eager loads, each with its counterpart."""
    found: dict[int, Sent] = {}
    lost: list[Sent] = []
    came: list[Sent] = []

    def pair() -> None:
        at = 0
        for ours in lost:
            for number, theirs in enumerate(came[at:], start=at):
                if is_extended(ours.key[1:], theirs.key[1:]) and _rows(ours) <= _rows(theirs):
                    found[id(ours)] = Sent(theirs.key, ours.entry, ours.statement)
                    at = number + 1
                    break
        lost.clear()
        came.clear()

    for ours, theirs in align(before, after):
        if ours is not None and theirs is not None:
            pair()
        elif ours is not None and ours.statement is not None:
            lost.append(ours)
        elif theirs is not None and theirs.statement is not None:
            came.append(theirs)
    pair()
    return found


def _rows(sent: Sent) -> int:
    rows = sent.entry.get("rows")
    return rows if isinstance(rows, int) else 0


def is_extended(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether *after* is *before* with outer joins, their columns and their order at the end.

    With a LIMIT and a collection, SQLAlchemy puts the statement into a subquery and joins to that.
    """
    ours, theirs = _select(before), _select(after)
    if ours is None or theirs is None:
        return False
    our_columns, our_rest = ours
    their_columns, their_rest = theirs
    if their_columns[: len(our_columns)] == our_columns and _is_rest_extended(our_rest, their_rest):
        return True
    if their_rest[:2] == ["FROM", "("]:
        end = _closing(their_rest, 1)
        inner = their_rest[2:end]
        # The aliases of the subquery are counted before its own name.
        joins = their_rest[end + 1 :]
        if inner == [*before] and joins[:1] == ["AS"]:
            return _is_rest_extended([], joins[2:])
    return False


def _select(tokens: Sequence[str]) -> tuple[list[str], list[str]] | None:
    if not tokens or tokens[0] != "SELECT":
        return None
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")  # noqa: S105
        if token == "FROM" and not depth:  # noqa: S105
            return [*tokens[1:at]], [*tokens[at:]]
    return None


def _closing(tokens: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] == "(") - (tokens[at] == ")")
        if not depth:
            return at
    return len(tokens)


def _is_rest_extended(before: list[str], after: list[str]) -> bool:
    at = 0
    rest = 0
    while rest < len(after):
        if at < len(before) and after[rest] == before[at]:
            at, rest = at + 1, rest + 1
        elif after[rest : rest + 3] == ["LEFT", "OUTER", "JOIN"]:
            rest = _end_of_join(after, rest + 3)
        elif after[rest] == "," or after[rest : rest + 2] == ["ORDER", "BY"]:
            # The order of the collections that are joined comes behind the statement's own.
            while rest < len(after) and after[rest] not in {"LIMIT", "OFFSET", "FOR", "FETCH"}:
                rest += 1
        else:
            return False
    return at == len(before)


def _end_of_join(tokens: list[str], at: int) -> int:
    while at < len(tokens):
        if tokens[at] == "(":
            at = _closing(tokens, at)
        elif tokens[at] in _AFTER_JOINS or tokens[at : at + 3] == ["LEFT", "OUTER", "JOIN"] or tokens[at] == "JOIN":
            return at
        at += 1
    return at
