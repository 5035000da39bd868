"""How fast `alchemove rewrite --check` is, in CPU time against other tools on the same tree, in one run.

    python benchmarks/codemods.py [TREE] [--runs 3] [--stage select]

Without a TREE it writes a synthetic one of 125,000 lines. Nothing in TREE is changed. A figure is user plus system time
of the whole process with its children, the least of several runs, since whatever else the machine does only adds.

floor      reading every file, and ast.parse of those that mention a session or a query
libcst     `python -m libcst.tool codemod` with a command that does nothing (once: it is slow)
ruff       `ruff check --no-cache` with its default rules
first      alchemove without a cached result
cached     alchemove again on the same tree
async      `--stage async` without a cached result; it looks at the whole program, not only at its queries
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FLOOR = """
import ast, gc, os, sys
gc.disable()
for name in sys.stdin.read().split("\\0"):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        source = file.read()
    if b"ession" in source or b"query" in source or b"Query" in source:
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            pass
"""

EMPTY = """
from libcst.codemod import VisitorBasedCodemodCommand

class Empty(VisitorBasedCodemodCommand):
    DESCRIPTION = "Changes nothing."
"""

MODULE = '''"""Module {number} of a synthetic application."""

from __future__ import annotations

import datetime
import logging
from typing import Any

from sqlalchemy.orm import Session

from app.models import Post, User

log = logging.getLogger(__name__)

'''

PLAIN = '''
class Settings{number}:
    """Values that have nothing to do with a database."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.created = datetime.datetime(2020, 1, {day})

    def total(self, factor: float = 1.5) -> float:
        result = 0.0
        for name, value in sorted(self.values.items()):
            if name.startswith("_") or value is None:
                continue
            try:
                result += float(value) * factor
            except (TypeError, ValueError) as error:
                log.warning("%s: %r is no number: %s", name, value, error)
        return round(result, 2)

    def describe(self) -> str:
        parts = [f"{{name}}={{value!r}}" for name, value in self.values.items()]
        return f"<Settings{number} {{', '.join(parts)}}>"
'''

LEGACY = '''

def users_{number}(db: Session, name: str, since: datetime.datetime) -> list[User]:
    """Users by name."""
    query = db.query(User).filter(User.name == name)
    if since is not None:
        query = query.filter(User.created > since)
    return query.order_by(User.id).all()


def post_{number}(db: Session, key: int) -> Post | None:
    return db.query(Post).filter_by(id=key).first()
'''

MODELS = """from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    created = Column(DateTime)
    posts = relationship("Post", back_populates="author")


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    author_id = Column(ForeignKey("users.id"))
    author = relationship(User, back_populates="posts")
"""


@dataclass(frozen=True)
class Cost:
    """What a process took, with its children: CPU seconds, and the memory of the largest one in MB."""

    seconds: float
    memory: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stage", default="select")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tree = (arguments.tree or synthetic(scratch / "tree")).resolve()
        files = python_files(tree)
        lines = sum((tree / file).read_bytes().count(b"\n") for file in files)
        print(f"{tree}: {len(files):,} Python files, {lines:,} lines, Python {sys.version.split()[0]}")
        report(measure(tree, files, scratch, arguments.stage, arguments.runs))


def measure(tree: Path, files: Sequence[str], scratch: Path, stage: str, runs: int) -> dict[str, Cost]:
    """The cost of every contestant."""
    (scratch / "empty_codemod.py").write_text(EMPTY)
    (scratch / "files").write_text("\0".join(files))
    bare = {**os.environ, "ALCHEMOVE_CACHE_DIR": str(scratch / "cache")}
    # Installed tools are compiled once; where nothing compiled may be kept, each start of this one would compile it.
    bare.pop("PYTHONDONTWRITEBYTECODE", None)
    libcst = {**bare, "PYTHONPATH": str(scratch)}
    rewrite = [sys.executable, "-m", "alchemove", "rewrite", str(tree), "--check", "--stage"]
    alchemove = [*rewrite, stage]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", "--quiet", str(tree)]
    codemod = [
        sys.executable,
        "-m",
        "libcst.tool",
        "codemod",
        "-x",
        "--hide-progress",
        "empty_codemod.Empty",
        str(tree),
    ]
    costs = {
        "floor": best(runs, [sys.executable, "-c", FLOOR, str(tree)], bare, scratch, scratch / "files"),
        "ruff": best(runs, ruff, bare, scratch),
        "first": best(runs, [*alchemove, "--no-cache"], bare, scratch),
        "async": best(runs, [*rewrite, "async", "--no-cache"], bare, scratch),
    }
    run([*alchemove], bare, scratch)
    return {**costs, "cached": best(runs, alchemove, bare, scratch), "libcst": run(codemod, libcst, scratch)}


def report(costs: Mapping[str, Cost]) -> None:
    """Print the figures, and the ratios that the project has set itself."""
    print(f"\n{'':10}{'CPU s':>8}{'MB':>7}{'against first':>15}")
    for name, cost in sorted(costs.items(), key=lambda item: item[1].seconds):
        print(f"{name:10}{cost.seconds:8.2f}{cost.memory:7.0f}{cost.seconds / costs['first'].seconds:14.2f}x")
    first = costs["first"].seconds
    aims = (
        ("first run / floor", first / costs["floor"].seconds, "at most", 3.0),
        ("first run / ruff", first / costs["ruff"].seconds, "at most", 4.0),
        ("libcst / first run", costs["libcst"].seconds / first, "at least", 20.0),
        ("cached / first run", costs["cached"].seconds / first, "at most", 0.5),
        ("async / first run", costs["async"].seconds / first, "at most", 3.0),
        ("peak memory in MB", costs["first"].memory, "at most", 250.0),
    )
    print()
    for name, value, sense, limit in aims:
        reached = value <= limit if sense == "at most" else value >= limit
        print(f"{name:20}{value:8.2f}   {sense} {limit:g}: {'reached' if reached else 'MISSED'}")


def best(
    runs: int, command: Sequence[str], environment: Mapping[str, str], at: Path, given: Path | None = None
) -> Cost:
    """The least of several runs."""
    return min((run(command, environment, at, given) for _ in range(runs)), key=lambda cost: cost.seconds)


def run(command: Sequence[str], environment: Mapping[str, str], at: Path, given: Path | None = None) -> Cost:
    """Run a command and ask the system what it took."""
    with (
        open(given or os.devnull, "rb") as standard_input,  # noqa: PTH123
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, env=dict(environment), cwd=at, stdin=standard_input, stdout=subprocess.DEVNULL, stderr=errors
        ) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
        if process.returncode not in (0, 1, 2) or "Traceback" in said:
            raise SystemExit(f"{' '.join(command[:4])} ... failed:\n{said[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def python_files(tree: Path) -> list[str]:
    """What git lists in a repository, otherwise all below *tree*."""
    command = ["git", "-C", str(tree), "ls-files", "-z", "-co", "--exclude-standard", "--", "*.py"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
        return [name for name in names if (tree / name).is_file()]
    return [path.relative_to(tree).as_posix() for path in tree.rglob("*.py")]


def synthetic(folder: Path, lines: int = 125_000) -> Path:
    """Write an application in which every seventh module uses a session."""
    package = folder / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(MODELS)
    for number, module in enumerate(_modules()):
        lines -= module.count("\n")
        if lines < 0:
            break
        (package / f"module_{number}.py").write_text(module)
    return folder


def _modules() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        plain = "\n".join(PLAIN.format(number=number * 10 + part, day=part + 1) for part in range(5))
        legacy = "".join(LEGACY.format(number=number * 10 + part) for part in range(4)) if number % 7 == 0 else ""
        head = MODULE.format(number=number)
        yield head + plain + legacy if legacy else head.replace("from sqlalchemy.orm import Session\n\n", "") + plain


if __name__ == "__main__":
    main()
