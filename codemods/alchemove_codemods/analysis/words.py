"""Where the text of a file may hold what 2.0 removed: cheap enough to be asked of every file, before anything is parsed.

What it finds is interpreted, nothing more: a place that turns out to be something else costs time and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        ("select(", r"select\(\s*(?:\[|\w*(?:columns|cols|fields)\w*\s*[,)])"),
        ("whereclause", r"whereclause\s*="),
        ("from_obj", r"from_obj\s*="),
        ("with_only_columns(", r"with_only_columns\(\s*\["),
        ("case(", r"case\(\s*\["),
        ("whens", r"\bwhens\b"),
        ("update(", r"update\(\s*\w[\w.]*\s*,\s*(?:values|whereclause|\{|[\w.]+\s*[=<>!])"),
        ("delete(", r"delete\(\s*\w[\w.]*\s*,\s*(?:values|whereclause|\{|[\w.]+\s*[=<>!])"),
        ("insert(", r"insert\(\s*\w[\w.]*\s*,\s*(?:values|whereclause|\{|[\w.]+\s*[=<>!])"),
        ("as_scalar(", r"as_scalar\("),
        ("bulk_", r"bulk_(?:insert_mappings|update_mappings|save_objects)\("),
        (".update(", r"\.update\(\s*[\w.\[\]\"']+\.(?:c|columns)\b"),
        (".delete(", r"\.delete\(\s*[\w.\[\]\"']+\.(?:c|columns)\b"),
        (
            ".execute(",
            r"\.execute\(\s*(?:[rRfFuUbB]{0,2}[\"']|\w*(?:sql|SQL)\w*\s*[,)%.+]|[\w.\[\]\"']+\.(?:insert|update|delete)\(\s*[^)\s])",
        ),
        (".execute(", r"\.execute\([^\n]*(?:\},\s*\{|\),\s*\w+\s*=)"),
        (".scalar(", r"\.scalar\(\s*(?:[rRfFuUbB]{0,2}[\"']|\w*(?:sql|SQL)\w*\s*[,)%.+])"),
        (".execute()", r"\.execute\(\)"),
        ("table_names(", r"\.table_names\("),
        ("run_callable(", r"\.run_callable\("),
        ("engine", r"engine(?:\(\))?\.(?:execute|scalar)\("),
    )
)
_QUERY = re.compile(r"query\b")
_BY_NAME = ("getattr(", "attrgetter(", "methodcaller(")
_NAMED = re.compile(r"(?:getattr|attrgetter|methodcaller)\([^()\n]*[\"']query[\"']")
_CLASS = re.compile(r"Query\b")
_RELEVANT = ("quer", "sess", "select", "model", "import ", "engine", "connect", "alias", "getattr")
_RELEVANT_WORDS = re.compile(r"\bdb\b|_cls\b")
_BOUND = re.compile(r"\bfor\s+(\w+)\s+in\b|^\s*(\w+)\s*=[^=]|\bas\s+(\w+)\b")


def relevant(text: str) -> bool:
    """Whether what the function with this *text* returns can matter to a query."""
    text = text.lower()
    return any(word in text for word in _RELEVANT) or (
        ("db" in text or "_cls" in text) and _RELEVANT_WORDS.search(text) is not None
    )


def legacy(text: str) -> Iterator[int]:
    """The offsets in *text* at which ``.query`` (the dot may stand on a line before it) or the name ``Query`` stands."""
    # Patterns that begin with plain text are searched many times faster than those that begin with a choice.
    for match in _QUERY.finditer(text):
        at = match.start() - 1
        while at >= 0 and (text[at].isspace() or text[at] == "\\"):
            at -= 1
        if at >= 0 and text[at] == ".":
            yield at
    if any(word in text for word in _BY_NAME):
        yield from (match.start() for match in _NAMED.finditer(text))
    for match in _CLASS.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if not (before.isalnum() or before == "_"):
            yield match.start()


def places(text: str) -> Iterator[int]:
    """The offsets in *text* at which something that 2.0 removed may stand."""
    for word, pattern in _PATTERNS:
        if word in text:
            yield from (match.start() for match in pattern.finditer(text))
    if ".execute(" in text:
        yield from _rows(text)


def _rows(text: str) -> Iterator[int]:
    """Where rows of something executed are read by name: the places of the executions."""
    named: dict[str, list[int]] = {}
    at = text.find(".execute(")
    while at >= 0:
        line = text[text.rfind("\n", 0, at) + 1 : _line_end(text, at)]
        for match in _BOUND.finditer(line):
            named.setdefault(next(filter(None, match.groups())), []).append(at)
        at = text.find(".execute(", at + 1)
    for name in list(named):
        for match in re.finditer(rf"\bfor\s+(\w+)\s+in\s+{name}\b", text):
            named.setdefault(match.group(1), []).extend(named[name])
    for name, found in named.items():
        if re.search(
            rf"\b{name}(?:\)?\[[\"']|\.keys\(\)|\.items\(\))|dict\({name}\)|\*\*{name}\b|[\"']\s+in\s+{name}\b", text
        ):
            yield from found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
