"""How a rewritten chain is laid out: on one line if it was, with its line structure and comments if it had one."""

from __future__ import annotations

import re
from dataclasses import field

from alchemove_codemods.frozen import dataclass, replace

_COMMENT = re.compile(r"[ \t]*#[^\r\n]*")
_EMPTY_LINES = re.compile(r"(\r?\n[ \t]*)+(?=\r?\n)")


@dataclass(frozen=True, slots=True)
class Link:
    """One call of a chain: ``joiner`` is everything up to its name (white space, comments, the dot).

    ``origin`` is the legacy method that it stands for.
    """

    name: str
    arguments: str | None = "()"
    joiner: str = "."
    origin: str = ""

    @property
    def text(self) -> str:
        """The link as it is appended."""
        return f"{self.joiner}{self.name}{self.arguments or ''}"


@dataclass(frozen=True, slots=True)
class Select:
    """The statement part of a chain: ``head`` (``select(User)`` or a variable) and its links.

    ``opening`` holds parentheses that stood before the head and are closed in a later joiner.
    """

    head: str
    links: tuple[Link, ...] = ()
    opening: str = ""

    def plus(self, *links: Link) -> Select:
        """This statement with more links at the end, on the lines that its own links are on."""
        return replace(self, links=(*self.links, *links))

    @property
    def text(self) -> str:
        """The statement as it stands."""
        return self.opening + self.head + "".join(link.text for link in self.links)

    @property
    def stacked(self) -> bool:
        """Whether its links stand on lines of their own."""
        return any("\n" in link.joiner for link in self.links)

    def named(self, name: str) -> bool:
        """Whether there is a link *name*."""
        return any(link.name == name for link in self.links)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the whole expression stands: the indentation of its line, the unit and the line ending.

    ``room`` is how many characters it may have on its line, ``width`` how many a line may have; None where it has to
    stay on one line. ``head`` is the indentation of the line that the head of the statement stood on.
    """

    indent: str
    unit: str = "    "
    newline: str = "\n"
    room: int | None = None
    width: int = 120
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Wrapped:
    """``before`` + statement + ``after`` + tail, the shape of everything that runs a statement."""

    before: str
    select: Select
    after: str = ")"
    tail: tuple[Link, ...] = field(default=())


def render(wrapped: Wrapped, place: Place) -> str:
    """The text of *wrapped*; a statement on several lines gets its own, indented lines inside the call."""
    select, tail = _bare(wrapped.select), wrapped.tail
    base = _last_indent(wrapped.select.opening) if "\n" in wrapped.select.opening else place.head
    comment = ""
    if tail and "#" in tail[0].joiner and (match := _COMMENT.match(tail[0].joiner)):
        comment = match.group()
        tail = (replace(tail[0], joiner=tail[0].joiner[match.end() :]), *tail[1:])
    if not select.stacked and not comment:
        text = select.text if base is None else _from_to(base, place.indent, select.text)
        flat = wrapped.before + text + wrapped.after + "".join(link.text for link in tail)
        too_long = place.room is not None and len(flat) > place.room and "\n" not in flat
        return _broken(replace(wrapped, select=select), place) if too_long else flat
    stacked_at = next((_last_indent(link.joiner) for link in select.links if "\n" in link.joiner), None)
    own_lines = stacked_at is not None and len(stacked_at) <= len(place.indent)
    if stacked_at is None:
        stacked_at = place.indent + place.unit
    if own_lines:
        inner = stacked_at + place.unit
        body = shift(_unescaped(select).text, place.unit)
        closing = stacked_at
    else:
        links = "".join(link.text for link in _unescaped(select).links)
        hanging = place.indent + place.unit
        inner = hanging if _is_alignment(stacked_at, place) and _stands_at(stacked_at, links) else stacked_at
        head = select.head
        if base is not None:
            head = _from_to(base, inner, head)
        elif inner.startswith(place.indent):
            head = shift(head, inner[len(place.indent) :])
        body = _from_to(stacked_at, inner, select.opening) + head + _from_to(stacked_at, inner, links)
        closing = place.indent
        tail = tuple(link if "#" in link.joiner else replace(link, joiner=".") for link in tail)
    newline, after = place.newline, wrapped.after
    if after.startswith(", "):
        # Further arguments come on a line of their own, before the parenthesis.
        body, after = f"{body}{comment},{newline}{inner}{after[2:-1]},", after[-1]
        comment = ""
    return f"{wrapped.before}{newline}{inner}{body}{comment}{newline}{closing}{after}" + "".join(
        link.text for link in tail
    )


def _broken(wrapped: Wrapped, place: Place) -> str:
    """What was on one line, on several: the statement inside the call, its links on lines of their own if it is still too long."""
    select, inner = wrapped.select, place.newline + place.indent + place.unit
    body = select.text
    if len(place.indent + place.unit + body) > place.width and all(link.joiner == "." for link in select.links):
        body = select.opening + select.head + "".join(inner + link.text for link in select.links)
    after = wrapped.after
    if after.startswith(", "):
        # Further arguments come on a line of their own, before the parenthesis.
        body, after = f"{body},{inner}{after[2:-1]},", after[-1]
    tail = "".join(link.text for link in wrapped.tail)
    return f"{wrapped.before}{inner}{body}{place.newline}{place.indent}{after}{tail}"


def _bare(select: Select) -> Select:
    """Without parentheses of its own, which a call around it makes superfluous."""
    inside, comment = in_parentheses(select)
    return select if inside is None or comment else inside


def in_parentheses(select: Select) -> tuple[Select | None, str]:
    """What the parentheses around all of *select* hold, None if there are none, and the comment before the last one."""
    links = select.links
    if _COMMENT.sub("", select.opening).strip() == "(" and links and not links[-1].name:
        closing = links[-1].joiner.strip(" \t\r\n")
        comment = links[-1].joiner[: links[-1].joiner.rfind(")")].rstrip()
        if closing.endswith(")") and (not comment or comment.lstrip().startswith("#")):
            return Select(select.head, links[:-1], select.opening.partition("(")[2].lstrip()), comment
    return None, ""


def bare(joiner: str) -> str:
    """*joiner* without its comments and the lines they were on: for a further link that is to stand like the first."""
    return _EMPTY_LINES.sub("", _COMMENT.sub("", joiner))


def _unescaped(select: Select) -> Select:
    """Without the backslashes at line ends, which parentheses make superfluous."""
    links = tuple(replace(link, joiner=re.sub(r"[ \t]*\\(\r?\n)", r"\1", link.joiner)) for link in select.links)
    return replace(select, links=links)


def _is_alignment(indent: str, place: Place) -> bool:
    """Whether *indent* is no step further in than the line of *place*: lines that were aligned with something on it."""
    return indent.removeprefix(place.indent) not in ("\t", "  ", "    ")


def _stands_at(indent: str, text: str) -> bool:
    """Whether no line of *text* but the first begins left of *indent*."""
    return all(line.startswith(indent) or not line.strip() for line in text.split("\n")[1:])


def _from_to(old: str, new: str, text: str) -> str:
    """*text* with its lines at *new* instead of *old*; as it is if one of them stands further left."""
    if old == new or not _stands_at(old, text):
        return text
    first, *lines = text.split("\n")
    return "\n".join([first, *(new + line[len(old) :] if line.strip() else line for line in lines)])


def _last_indent(joiner: str) -> str:
    line = joiner.rsplit("\n", 1)[-1]
    return line[: len(line) - len(line.lstrip(" \t"))]


def shift(text: str, by: str) -> str:
    """*text* with every line but the first moved right by *by*; empty lines stay empty."""
    return re.sub(r"\n(?=[^\r\n])", "\n" + by, text) if by else text
