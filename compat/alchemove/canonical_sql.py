"""SQL text without what does not matter: two statements that differ only in that are the same here.

Left out are whitespace, comments, the style of the parameters, the casts that drivers put behind parameters, labels of
columns, the names of aliases, and whether the only mention of a table has one; if it is asked for, also whether a value stands in the
text or is sent beside it. ``SELECT users.id AS users_id ... FROM (SELECT ...) AS anon_1`` and the same with other labels and other ``anon_`` numbers come out alike, while ``a AS x, b AS y`` and ``b AS y, a AS x`` do not: what is
referred to by a label is referred to by its position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from alchemove.written_values import Written

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<text>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
    | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`|\[[A-Za-z_][^\]]*\])
    | (?P<parameter>PARAMETER)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d][\w$]*)
    | (?P<cast>::)
    | (?P<operator><=|>=|<>|!=|\|\||->>|->|\#>>|\#>|@>|<@|&&|%%|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETERS = {
    "pyformat": r"%\((?P<key>[^)]+)\)s|%s",
    "format": r"%s",
    "qmark": r"\?",
    "none": r"(?!)",
    "named": r"(?<![:\w]):(?P<key>[A-Za-z_]\w*)",
    "numeric": r"(?<![:\w]):(?P<index>\d+)",
    "numeric_dollar": r"\$(?P<index>\d+)",
}
_VALUES = frozenset({"NULL", "TRUE", "FALSE"})
# A minus behind one of these belongs to the number that follows.
_BEFORE_A_SIGN = frozenset(
    {
        *("(", ",", "=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||"),
        *("THEN", "ELSE", "WHEN", "AND", "OR", "BETWEEN", "LIMIT", "OFFSET", "SELECT", "IN", "BY"),
    }
)
_TYPE_WORDS = frozenset({"WITH", "WITHOUT", "TIME", "ZONE", "PRECISION", "VARYING", "LOCAL"})
_CLAUSES = {
    "SELECT": "select",
    "RETURNING": "select",
    "FROM": "from",
    "JOIN": "from",
    "USING": "from",
    "UPDATE": "from",
    "INTO": "from",
    "ON": "where",
    "WHERE": "where",
    "GROUP": "order",
    "ORDER": "order",
    "HAVING": "order",
    "WINDOW": "where",
    "LIMIT": "where",
    "OFFSET": "where",
    "SET": "where",
    "VALUES": "where",
    "FOR": "where",
    "WITH": "with",
}


@dataclass(frozen=True, slots=True)
class Canonical:
    """One statement: its tokens, and for each parameter in their order its key, or what is written there, and the cast behind it."""

    tokens: tuple[str, ...]
    keys: tuple[str | int | Written, ...] = field(compare=False)
    casts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The tokens as text."""
        return " ".join(self.tokens)


@dataclass(slots=True)
class _Scope:
    """What stands between two parentheses: the select list read last, and the names that it gives its columns."""

    cast: bool = False
    clause: str = ""
    labels: dict[str, int] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    exports: tuple[str, ...] | None = None
    position: int = 0
    last: str = ""
    is_select: bool = False
    alias: str = ""


@lru_cache(maxsize=4096)
def canonical(sql: str, style: str = "qmark", *, written: bool = False) -> Canonical:
    """*sql* without what does not matter.

    Args:
        sql: a statement as the driver got it.
        style: the driver's ``paramstyle``.
        written: values in the text are parameters, too.
    """
    tokens, keys, casts = _tokens(sql, style, written=written)
    return Canonical(tuple(_without_aliases(tokens)), keys, casts)


@lru_cache(maxsize=16)
def _pattern(style: str) -> re.Pattern[str]:
    return re.compile(_TOKEN.pattern.replace("PARAMETER", _PARAMETERS.get(style, r"\?")), _TOKEN.flags)


def _tokens(
    sql: str, style: str, *, written: bool
) -> tuple[list[str], tuple[str | int | Written, ...], tuple[str, ...]]:
    found: list[str] = []
    keys: dict[int, str | int | Written] = {}
    sent = 0
    escaped = style in {"pyformat", "format"}
    for match in _pattern(style).finditer(sql):
        kind, text = match.lastgroup, match[0]
        if match["space"] is not None:
            continue
        if match["parameter"] is not None:
            names = match.groupdict()
            keys[len(found)] = names.get("key") or (int(names["index"]) - 1 if names.get("index") else sent)
            sent += 1
            found.append("?")
        elif kind == "operator" and text == "%%":
            found.append("%")
        else:
            found.append(text.replace("%%", "%") if escaped else text)
            if written and (kind in {"text", "number"} or text.upper() in _VALUES):
                _take(found, keys)
    return _without_casts(found, keys)


def _take(tokens: list[str], keys: dict[int, str | int | Written]) -> None:
    """Make a parameter of the value that is the last of *tokens*."""
    value = tokens.pop()
    if tokens[-1:] == ["-"] and (len(tokens) == 1 or tokens[-2].upper() in _BEFORE_A_SIGN) and value[:1].isdigit():
        value = f"{tokens.pop()}{value}"
    keys[len(tokens)] = Written(value)
    tokens.append("?")


def _without_casts(
    tokens: list[str], keys: Mapping[int, str | int | Written]
) -> tuple[list[str], tuple[str | int | Written, ...], tuple[str, ...]]:
    """The tokens without ``::TYPE`` behind a parameter; for each parameter its key, of *keys* by its place, and that type or ""."""
    kept: list[str] = []
    found: list[str | int | Written] = []
    casts: list[str] = []
    at = 0
    while at < len(tokens):
        kept.append(tokens[at])
        at += 1
        if at - 1 not in keys:
            continue
        found.append(keys[at - 1])
        start = at
        if at + 1 < len(tokens) and tokens[at] == "::":
            at += 2
            while at < len(tokens):
                if tokens[at] == "." or tokens[at - 1] == "." or tokens[at].upper() in _TYPE_WORDS:
                    at += 1
                elif tokens[at] == "(" and ")" in tokens[at:]:
                    at = tokens.index(")", at) + 1
                elif tokens[at : at + 2] == ["[", "]"]:
                    at += 2
                else:
                    break
        casts.append(" ".join(str(keys.get(i, tokens[i])) for i in range(start + 1, at)).upper())
    return kept, tuple(found), tuple(casts)


class _Aliases:
    """The aliases of one statement: what each is called here, and which columns the thing it names has.

    ``own`` are those of tables that stand there once, which go by the name of the table.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.columns: dict[str, tuple[str, ...] | None] = {}
        self.own: dict[str, str] = {}

    def add(self, name: str, columns: tuple[str, ...] | None) -> None:
        if name in self.names:
            if self.columns[name] != columns:
                self.columns[name] = None
        else:
            self.names[name] = f"t{len(self.names) + 1}"
            self.columns[name] = columns

    def column(self, alias: str, name: str) -> str:
        columns = self.columns[alias]
        return f"#{columns.index(name) + 1}" if columns and name in columns else name


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] in {"_", '"', "`"}


def _without_aliases(tokens: list[str]) -> list[str]:
    aliases = _Aliases()
    # For each token: the labels that can be meant by it, and whether it is left out.
    labels: list[dict[str, int]] = []
    dropped: set[int] = set()
    stack = [_Scope()]
    closed: _Scope | None = None
    for at, token in enumerate(tokens):
        scope = stack[-1]
        word = token.upper()
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        labels.append(scope.labels if scope.clause == "order" else {})
        if token == "(":  # noqa: S105
            inner = _Scope(cast=before.upper() in {"CAST", "TRY_CAST"})
            if before.upper() == "AS" or (word == "(" and before.upper() == "MATERIALIZED"):
                inner.alias = _cte_name(tokens, at)
            stack.append(inner)
            closed = None
            continue
        if token == ")":  # noqa: S105
            closed = stack.pop() if len(stack) > 1 else None
            if closed is not None:
                _finish(closed)
                if closed.alias:
                    aliases.add(closed.alias, closed.exports)
            stack[-1].last = ""
            continue
        if word == "SELECT":
            _finish(scope)
            scope.is_select, scope.clause, scope.position = True, "select", 0
            scope.labels, scope.columns, scope.last = {}, [], ""
        elif word == "AS" and not scope.cast and _is_name(after) and after.upper() not in {"MATERIALIZED", "NOT"}:
            if scope.clause == "select":
                scope.labels[after] = scope.position + 1
                scope.last = after
                dropped |= {at, at + 1}
            elif scope.clause == "from" and _is_name(before) and tokens[at - 2] != "." and tokens.count(before) == 1:
                aliases.own[after] = before
                dropped |= {at, at + 1}
            elif scope.clause == "from":
                known = aliases.columns.get(before) if before != ")" else None
                aliases.add(after, closed.exports if before == ")" and closed else known)
        elif at in dropped:
            pass
        elif scope.clause == "select" and token == ",":  # noqa: S105
            scope.columns.append(scope.last)
            scope.position, scope.last = scope.position + 1, ""
        elif word in _CLAUSES and before != ".":
            if scope.clause == "select" and word in {"FROM", "WHERE", "ORDER", "GROUP", "LIMIT", "HAVING"}:
                scope.columns.append(scope.last)
                scope.position += 1
            if not (scope.clause == "select" and word == "FOR"):
                scope.clause = _CLAUSES[word]
        elif scope.clause == "select" and _is_name(token):
            scope.last = token
    return _rewritten(tokens, aliases, labels, dropped)


def _finish(scope: _Scope) -> None:
    if scope.is_select:
        if scope.clause == "select":
            scope.columns.append(scope.last)
        if scope.exports is None:
            # A union has the column names of its first part.
            scope.exports = tuple(scope.columns)


def _cte_name(tokens: list[str], at: int) -> str:
    """The name in ``name AS (`` or ``name(columns) AS (``."""
    at -= 1
    while at and tokens[at].upper() in {"AS", "MATERIALIZED", "NOT"}:
        at -= 1
    if tokens[at] == ")":
        return ""
    return tokens[at]


def _rewritten(tokens: list[str], aliases: _Aliases, labels: list[dict[str, int]], dropped: set[int]) -> list[str]:
    result: list[str] = []
    for at, token in enumerate(tokens):
        if at in dropped:
            continue
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if before == "." and at > 1 and tokens[at - 2] in aliases.names:
            result.append(aliases.column(tokens[at - 2], token))
        elif before == "." or not _is_name(token):
            result.append(token)
        elif token in aliases.own and after != "(":
            result.append(aliases.own[token])
        elif token in aliases.names and after != "(":
            result.append(aliases.names[token])
        elif token in labels[at] and after not in {".", "("}:
            result.append(f"#{labels[at][token]}")
        else:
            result.append(token)
    return result
