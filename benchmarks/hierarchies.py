"""How the cost of `alchemove rewrite --check` grows with a hierarchy of classes, in CPU time.

    python benchmarks/hierarchies.py [--classes 300] [--runs 2]

It writes applications of tasks that inherit from one class, as luigi and the drivers of cinder do, once with that many classes
and once with twice as many. What is twice the program may cost twice the time, above what starting costs; what goes through
all classes of a family for each of them costs four times.

wide       classes of modules, each with methods and attributes that all the others have as well
local      classes inside of tests: each has a family of its own, since nobody sees it but its test
mixed      classes with two bases, so that lines of inheritance meet
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

# The folder of a script is the first place that Python looks for modules in.
from codemods import MODELS, best

BASE = '''"""What all tasks have in common."""

from sqlalchemy.orm import Session


class Task:
    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.result = None

    def requires(self):
        return []

    def output(self):
        return self.result

    def complete(self):
        return all(each.complete() for each in self.requires()) and self.output() is not None


class Loud:
    def complete(self):
        print(self.name)
        return super().complete()
'''

HEAD = """from app.base import Loud, Task
from app.models import Post, User
"""

CLASS = """

class Task{number}({bases}):
    def run(self):
        self.found_{kind} = self.session.query(User).filter(User.name == self.name).all()
        self.result = self.helper_{number}()

    def requires(self):
        return [self.found_{kind}, self.result]

    def output(self):
        self.count_{kind} = self.session.query(Post).filter_by(id={number}).count()
        return self.count_{kind}

    def helper_{number}(self):
        return [user.name for user in self.found_{kind} if self.complete()]
"""


def wide(number: int) -> str:
    """A class of a module."""
    return CLASS.format(number=number, kind=number % 20, bases="Task")


def local(number: int) -> str:
    """A test with a class inside."""
    inside = CLASS.format(number=number, kind=number % 20, bases="Task").replace("\n", "\n    ")
    ran = f'\n    task = Task{number}(session, "name")\n    task.run()\n    assert task.complete()\n'
    return f"\n\ndef test_{number}(session):{inside.rstrip()}\n{ran}"


def mixed(number: int) -> str:
    """A class of a module with two bases."""
    return CLASS.format(number=number, kind=number % 20, bases="Loud, Task")


SHAPES: dict[str, Callable[[int], str]] = {"wide": wide, "local": local, "mixed": mixed}
MOST = 3.0
"""How many times as long twice the classes may take."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=300)
    parser.add_argument("--runs", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{'':16}{arguments.classes:>8}{2 * arguments.classes:>8} classes, CPU s\n")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        empty = application(scratch / "empty", wide, 0)
        for shape, make in SHAPES.items():
            small = application(scratch / f"{shape}-1", make, arguments.classes)
            large = application(scratch / f"{shape}-2", make, 2 * arguments.classes)
            for stage in ("select", "async"):
                start, once, twice = (seconds(tree, stage, arguments.runs, scratch) for tree in (empty, small, large))
                growth = (twice - start) / max(once - start, 0.01)
                verdict = "reached" if growth <= MOST else "MISSED"
                print(f"{shape:7}{stage:9}{once:8.2f}{twice:8.2f}   {growth:.1f} times, at most {MOST:g}: {verdict}")


def application(folder: Path, make: Callable[[int], str], classes: int) -> Path:
    """Write an application of so many classes, ten to a module."""
    package = folder / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(MODELS)
    (package / "base.py").write_text(BASE)
    for first in range(0, classes, 10):
        module = HEAD + "".join(make(number) for number in range(first, min(first + 10, classes)))
        (package / f"test_{first}.py").write_text(module)
    return folder


def seconds(tree: Path, stage: str, runs: int, scratch: Path) -> float:
    """The CPU time of a run without a cached result."""
    command = [sys.executable, "-m", "alchemove", "rewrite", str(tree), "--check", "--no-cache", "--stage", stage]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return best(runs, command, environment, scratch).seconds


if __name__ == "__main__":
    main()
