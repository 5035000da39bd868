"""Fixture files: blocks of legacy code, what is expected of them, and the other ways in which the same code can be written.

A fixture file starts with a header (imports) that all of its cases share::

    # case: a list of all objects
    def run(session: Session):
        return session.query(User).all()


    # after
    def run(session: Session):
        return session.scalars(select(User)).all()

Without ``# after`` the code is a twin that must stay as it is. ``# refuse: reason`` at the end of a line says that the site on that line is
reported for that reason; on a line of its own below the header of the case, that a site anywhere in it is. ``# file: name.py``
begins another file of the program, which is no target. ``# not: variant, ...`` leaves out derived variants of the case, and
``# because: ...`` says why. ``# defect: ...`` names a known defect of the engine: the case has to fail until it is mended. A function
``run(session)`` is run on SQLite before and after.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"
MODELS = {path.name: path.read_bytes() for path in FIXTURES.glob("*.py")}
PATH = "case.py"
_HEADER = re.compile(r"^# case: (.+)\n", re.MULTILINE)
_MARKER = re.compile(r"[ \t]*# refuse: ([\w, -]+)$", re.MULTILINE)
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_AFTER = "# after\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: ``header`` + ``before`` has to become ``header`` + ``after``.

    ``refusals`` counts the expected reports by line of ``before`` (0: anywhere) and reason.
    """

    name: str
    origin: str
    header: str
    before: str
    after: str
    refusals: Counter[tuple[int, str]]
    files: dict[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    defect: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything is to be rewritten."""
        return self.before != self.after

    @property
    def runs(self) -> bool:
        """Whether the case can be run."""
        return bool(re.search(r"^def run\(", self.before, re.MULTILINE))

    @property
    def sources(self) -> dict[str, bytes]:
        """The rest of the program: the models it imports, and its neighbours."""
        models = {
            name: raw
            for name, raw in MODELS.items()
            if name[:-3] in re.findall(r"\bfrom (\w+) import", self.header + self.before)
        }
        return {**models, **{name: text.encode() for name, text in self.files.items()}}


@dataclass(frozen=True, slots=True)
class Written:
    """A case as it is written in one variant: the bytes before and after, and how many lines precede its code.

    ``after`` is None where only the code after the header is compared (the header gets imports of its own).
    """

    before: bytes
    after: bytes
    offset: int
    body: bytes | None = None


def load(path: Path) -> list[Case]:
    """The cases of a fixture file."""
    text = path.read_text(encoding="utf-8")
    pieces = _HEADER.split(text)
    header = _docstring_removed(pieces[0]).strip()
    origin = f"{path.parent.name}/{path.stem}"
    cases = [_case(name.strip(), origin, header, body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)]
    repeated = [name for name, count in Counter(c.name for c in cases).items() if count > 1]
    assert not repeated, f"{path.name}: cases of the same name: {repeated}"
    return cases


def _docstring_removed(text: str) -> str:
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        return text
    return "".join(text.splitlines(keepends=True)[tree.body[0].end_lineno or 0 :])


def _case(name: str, origin: str, header: str, text: str) -> Case:
    without: frozenset[str] = frozenset()
    refusals: Counter[tuple[int, str]] = Counter()
    defect = ""
    while (match := re.match(r"\s*# (not|refuse|because|defect): (.*)\n", text)) is not None:
        kind, words = match.groups()
        if kind == "not":
            without |= {w.strip() for w in words.split(",")}
        elif kind == "defect":
            defect = words
        elif kind == "refuse":
            refusals.update((0, w.strip()) for w in words.split(","))
        text = text[match.end() :]
    code, *files = _FILE.split(text)
    neighbours = {file: body.strip("\n") + "\n" for file, body in zip(files[::2], files[1::2], strict=True)}
    before, mark, after = code.partition(_AFTER)
    before = before.strip("\n") + "\n"
    for line, content in enumerate(before.splitlines(), 1):
        if match := _MARKER.search(content):
            refusals.update((line, w.strip()) for w in match[1].split(","))
    before = _MARKER.sub("", before)
    expected = after.strip("\n") + "\n" if mark else before
    assert not mark or expected != before, f"{origin}: {name}: nothing changes, so leave out '# after'"
    for code in (before, expected):
        try:
            ast.parse(code)
        except SyntaxError as error:
            raise AssertionError(f"{origin}: {name}: {error}") from error
    return Case(name, origin, header, before, expected, refusals, neighbours, without, defect)


# variants --------------------------------------------------------------------------------------------------------------


def _join(header: str, code: str) -> str:
    return f"{header}\n\n\n{code}" if header else code


def _written(
    case: Case, change: Callable[[str], str] = lambda t: t, head: str = "", encode: Callable[[str], bytes] = str.encode
) -> Written:
    """The case with *change* applied to its code and *head* before it."""
    start = _join(case.header, head)
    return Written(encode(start + change(case.before)), encode(start + change(case.after)), start.count("\n"))


def _indented(text: str, by: str = "    ") -> str:
    """*text* one level deeper; strings over several lines stay what they are."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.lineno != node.end_lineno:
            inside.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))
    lines = text.splitlines(keepends=True)
    return "".join(
        line if number in inside or not line.strip("\r\n") else by + line for number, line in enumerate(lines, 1)
    )


def _renamed(text: str, names: dict[str, str]) -> str:
    """*text* with the names that are read in it written differently."""
    tree = ast.parse(text)
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in names]
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    for node in sorted(found, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = (
            line[: node.col_offset] + names[node.id].encode() + line[node.col_offset + len(node.id) :]
        )
    return b"".join(lines).decode()


def _imported(header: str, package: str) -> list[str]:
    """The names that *header* imports from *package*."""
    tree = ast.parse(header)
    return [
        a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == package for a in n.names
    ]


def _replace_imports(header: str, package: str, by: str) -> str:
    lines = header.splitlines()
    for node in ast.parse(header).body:
        if isinstance(node, ast.ImportFrom) and node.module == package:
            lines[node.lineno - 1 : node.end_lineno] = [by] if by else []
    return "\n".join(lines)


def plain(case: Case) -> Written:
    """As it stands."""
    return _written(case)


def in_function(case: Case) -> Written | None:
    """One level deeper, inside a function."""
    return None if not case.header else _written(case, _indented, head="def outermost():\n")


def tabs(case: Case) -> Written | None:
    """One level deeper, below a condition, and indented by tabs."""
    if not case.header:
        return None

    def tabbed(text: str) -> str:
        return re.sub(r"^( {4})+", lambda m: "\t" * (len(m[0]) // 4), _indented(text), flags=re.MULTILINE)

    return _written(case, tabbed, head="if True:\n")


def windows(case: Case) -> Written:
    """Line ends of Windows, a byte order mark, and text that is not ASCII before the code."""
    return _written(
        case,
        head='größe = "日本"  # Ärger\n' if case.header else "",
        encode=lambda t: b"\xef\xbb\xbf" + t.replace("\n", "\r\n").encode(),
    )


def latin1(case: Case) -> Written:
    """An encoding cookie, and text that is not ASCII before the code."""
    written = _written(
        case,
        head='größe = "été"  # Ärger\n' if case.header else "",
        encode=lambda t: ("# -*- coding: latin-1 -*-\n" + t).encode("latin-1"),
    )
    return replace(written, offset=written.offset + 1)


def sa_alias(case: Case) -> Written | None:
    """SQLAlchemy imported as ``sa``."""
    names = _imported(case.header, "sqlalchemy")
    if not names:
        return None
    header = _replace_imports(case.header, "sqlalchemy", "import sqlalchemy as sa")
    return _written(replace(case, header=header), lambda t: _renamed(t, {n: f"sa.{n}" for n in names}))


def models_alias(case: Case) -> Written | None:
    """The models imported under other names."""
    package = next((p for p in ("shop", "flask_shop", "scoped_shop") if _imported(case.header, p)), None)
    if package is None or "outside" in case.without:
        return None
    names = {n: f"{n}Model" for n in _imported(case.header, package) if n[0].isupper() and n != "Base"}
    line = f"from {package} import " + ", ".join(
        f"{n} as {names[n]}" if n in names else n for n in _imported(case.header, package)
    )
    return _written(replace(case, header=_replace_imports(case.header, package, line)), lambda t: _renamed(t, names))


def bare_imports(case: Case) -> Written | None:
    """Only what the legacy code needs is imported: the rest has to be added."""
    used = {n.id for n in ast.walk(ast.parse(case.before)) if isinstance(n, ast.Name)}
    header = case.header
    for package in ("sqlalchemy", "sqlalchemy.orm"):
        names = _imported(header, package)
        kept = [n for n in names if n in used]
        if names:
            header = _replace_imports(header, package, f"from {package} import {', '.join(kept)}" if kept else "")
    if header == case.header or "from flask_shop" in header:
        return None  # with Flask-SQLAlchemy, db.select and its like need no import
    start = _join(header, "")
    return Written((start + case.before).encode(), b"", start.count("\n"), case.after.encode())


VARIANTS: dict[str, Callable[[Case], Written | None]] = {
    "plain": plain,
    "in-function": in_function,
    "tabs": tabs,
    "windows": windows,
    "latin-1": latin1,
    "sa-alias": sa_alias,
    "models-alias": models_alias,
    "bare-imports": bare_imports,
}


def everything() -> Iterator[Case]:
    """All cases of the select stage."""
    for path in sorted([*(FIXTURES / "select").glob("*.py"), *(FIXTURES / "removed").glob("*.py")]):
        yield from load(path)


__all__ = ["FIXTURES", "PATH", "VARIANTS", "Case", "Written", "everything", "load"]
