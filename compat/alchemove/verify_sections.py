"""The comparison of what one test sent in two runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from alchemove.canonical_sql import Canonical, canonical
from alchemove.verify_values import Values
from alchemove.written_values import Written

_ENDS = frozenset({"COMMIT", "ROLLBACK"})
# FOR UPDATE only locks: whichever way the transaction ends, nothing was written.
_WRITES = re.compile(
    r"(?<!\bFOR )(?<!\bFOR NO KEY )\b(INSERT|UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|TRUNCATE|LOCK|NOTIFY|CALL|SET|COPY|INTO)\b"
)
_CALL = re.compile(r"\b([A-Za-z_]\w*) \(")
# Functions that change nothing, and words that stand before a parenthesis.
_HARMLESS = frozenset(
    [
        "abs",
        "age",
        "and",
        "any",
        "array",
        "as",
        "avg",
        "between",
        "by",
        "cast",
        "ceil",
        "char_length",
        "coalesce",
        "concat",
        "count",
        "cross",
        "current_date",
        "current_setting",
        "current_timestamp",
        "date",
        "date_part",
        "date_trunc",
        "dense_rank",
        "distinct",
        "else",
        "except",
        "exists",
        "extract",
        "filter",
        "first_value",
        "floor",
        "from",
        "func",
        "group_concat",
        "having",
        "ilike",
        "in",
        "intersect",
        "is",
        "join",
        "json_extract",
        "julianday",
        "lag",
        "last_value",
        "lateral",
        "lead",
        "left",
        "length",
        "like",
        "limit",
        "localtimestamp",
        "lower",
        "ltrim",
        "max",
        "min",
        "not",
        "now",
        "nullif",
        "numeric",
        "offset",
        "on",
        "or",
        "order",
        "over",
        "partition",
        "rank",
        "recursive",
        "replace",
        "right",
        "round",
        "row_number",
        "rtrim",
        "select",
        "similar",
        "some",
        "strftime",
        "string_agg",
        "substr",
        "substring",
        "sum",
        "then",
        "to_char",
        "to_tsquery",
        "to_tsvector",
        "total",
        "trim",
        "typeof",
        "union",
        "upper",
        "using",
        "values",
        "varchar",
        "when",
        "where",
        "with",
        "within",
    ]
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One entry of a recording: a statement, or the boundary of a transaction.

    ``key`` is what has to be the same for two entries to be counterparts. ``in_writing`` says whether its transaction
    may have changed something.
    """

    key: tuple[str, ...]
    entry: Mapping[str, Any]
    statement: Canonical | None = None
    in_writing: bool = False

    @property
    def text(self) -> str:
        """The entry on one line."""
        if self.statement is None:
            return f"-- {self.entry['event']}"
        return " ".join(self.entry["sql"].split())

    @property
    def load(self) -> str:
        """``lazy``, ``eager``, ``column`` or ``refresh`` (of relationships) for what the ORM loads by itself, else ""."""
        return str(self.entry.get("load", ""))

    @property
    def attribute(self) -> str:
        """The relationship that is loaded, or the class whose columns are read again."""
        return str(self.entry.get("attribute", ""))

    @property
    def place(self) -> str:
        """The line of the application."""
        return str(self.entry.get("at", ""))

    def rows_of_parameters(self) -> list[list[Any]]:
        """The parameters in the order of the statement, a list for each execution."""
        given = self.entry["parameters"]
        if self.statement is None:
            return []
        executions = (given or []) if self.entry["many"] else [given]
        return [[_parameter(each, key) for key in self.statement.keys] for each in executions]


def _parameter(given: Any, key: str | int | Written) -> Any:
    match given, key:
        case _, Written():
            return key
        case dict(), str():
            return given.get(key, "(missing)")
        case list(), int() if key < len(given):
            return given[key]
        case _:
            return "(missing)"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the entry before and after (one of them may be missing), and in what two of them differ."""

    before: Sent | None
    after: Sent | None
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class Difference:
    """What differs in one test; notes are differences that belong to no entry."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes or self.notes)


def writes_values(*sections: Mapping[str, Any]) -> bool:
    """Whether values stand in the text of statements in one of the *sections* that are sent beside it elsewhere: see `alchemove.untyped`."""
    return any(entry.get("driver") == "asyncpg" for section in sections for entry in section["entries"])


def entries(section: Mapping[str, Any], *, values_written: bool = False) -> list[Sent]:
    """What a section sent, ready to be compared; with *values_written*, it does not matter which values stand in the text."""
    written = _written(section["entries"])
    sent: list[Sent] = []
    for entry in section["entries"]:
        if "event" in entry:
            name = "END" if entry["event"] in _ENDS else entry["event"]
            sent.append(Sent(("event", name), entry, in_writing=entry["transaction"] in written))
        else:
            statement = canonical(entry["sql"], entry.get("style", "qmark"), written=values_written)
            sent.append(Sent(("sql", *statement.tokens), entry, statement))
    return sent


def _written(section: Iterable[Mapping[str, Any]]) -> set[int]:
    """The transactions that may have changed something, or failed."""
    found: set[int] = set()
    for entry in section:
        if "sql" not in entry:
            continue
        text = canonical(entry["sql"], entry.get("style", "qmark")).text
        calls = {name.lower() for name in _CALL.findall(text)}
        if entry.get("error") or _WRITES.search(text.upper()) or calls - _HARMLESS:
            found.add(entry["transaction"])
    return found


def compare(before: Sequence[Sent], after: Sequence[Sent], values: Values) -> Difference:
    """What differs between two runs of one test."""
    difference = Difference()
    transactions = _Transactions()
    for ours, theirs in align(before, after):
        if ours is None or theirs is None:
            difference.changes.append(Change(ours, theirs))
        elif details := tuple(_details(ours, theirs, values, transactions)):
            difference.changes.append(Change(ours, theirs, details))
    return difference


def align(before: Sequence[Sent], after: Sequence[Sent]) -> Iterator[tuple[Sent | None, Sent | None]]:
    """Pairs of counterparts in their order, and entries without one."""
    matcher = SequenceMatcher(None, [each.key for each in before], [each.key for each in after], autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(before[start:end], after[other_start:other_end], strict=True)
        else:
            yield from ((each, None) for each in before[start:end])
            yield from ((None, each) for each in after[other_start:other_end])


class _Transactions:
    """Which transaction of one run is which of the other."""

    def __init__(self) -> None:
        self._there: dict[int, int] = {}
        self._back: dict[int, int] = {}

    def same(self, before: int, after: int) -> bool:
        return self._there.setdefault(before, after) == after and self._back.setdefault(after, before) == before


def _details(before: Sent, after: Sent, values: Values, transactions: _Transactions) -> Iterator[str]:
    if not transactions.same(before.entry["transaction"], after.entry["transaction"]):
        yield "in another transaction"
    if before.statement is None or after.statement is None:
        # Whether a transaction that only read is committed or rolled back changes nothing.
        if before.entry["event"] != after.entry["event"] and (before.in_writing or after.in_writing):
            yield f"{before.entry['event']} → {after.entry['event']}"
        return
    yield from parameters(before, after, values)
    yield from _casts(before, after, before.statement, after.statement)
    ours, theirs = before.entry.get("rows"), after.entry.get("rows")
    if ours is not None and theirs is not None and ours != theirs:
        yield f"rows: {ours} → {theirs}"
    if before.entry.get("error") != after.entry.get("error"):
        yield f"error: {before.entry.get('error', 'none')} → {after.entry.get('error', 'none')}"


def parameters(before: Sent, after: Sent, values: Values) -> Iterator[str]:
    """How the parameters of two statements differ."""
    ours, theirs = before.rows_of_parameters(), after.rows_of_parameters()
    if len(ours) != len(theirs):
        yield f"executed for {len(ours)} → {len(theirs)} sets of parameters"
        return
    for index, (our_row, their_row) in enumerate(zip(ours, theirs, strict=True)):
        for number, (our, their) in enumerate(zip(our_row, their_row, strict=False), start=1):
            if not _same(our, their, values):
                where = f" of set {index + 1}" if len(ours) > 1 else ""
                yield f"parameter {number}{where}: {show(our)} → {show(their)}"


def _same(ours: Any, theirs: Any, values: Values) -> bool:
    match ours, theirs:
        case Written(), Written():
            return values.same(ours.text, theirs.text)
        case Written(), _:
            return values.same(ours.as_kind_of(theirs), theirs)
        case _, Written():
            return values.same(ours, theirs.as_kind_of(ours))
    return values.same(ours, theirs)


def _casts(before: Sent, after: Sent, ours: Canonical, theirs: Canonical) -> Iterator[str]:
    # Drivers add casts of their own: where two of them differ, a cast may be on one side only.
    same_driver = before.entry.get("driver") == after.entry.get("driver")
    for number, (our, their) in enumerate(zip(ours.casts, theirs.casts, strict=False), start=1):
        if our != their and (same_driver or (our and their)):
            yield f"cast of parameter {number}: {our or 'none'} → {their or 'none'}"


def show(value: Any) -> str:
    """A parameter as a person reads it."""
    match value:
        case dict() if len(value) == 1 and next(iter(value)).startswith("$"):
            [(kind, text)] = value.items()
            return f"{kind[1:]} {text}"
        case _:
            return repr(value)
