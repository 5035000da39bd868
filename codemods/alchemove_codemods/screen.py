"""Where the command line prints: a terminal, which has colours and a width, or a pipe, which has neither."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.report.spans import Line, plain

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Screen:
    """Standard output; ``console`` is None in a pipe."""

    console: Console | None

    @classmethod
    def of_stdout(cls) -> Screen:
        """The standard output of this process."""
        if not sys.stdout.isatty():
            return cls(None)
        from rich.console import Console

        return cls(Console(highlight=False))

    def lines(self, lines: Iterable[Line]) -> None:
        """Print *lines*, with their styles on a terminal."""
        if self.console is None:
            self.text("".join(f"{plain(each)}\n" for each in lines))
            return
        from rich.text import Text

        for each in lines:
            self.console.print(Text.assemble(*each), soft_wrap=True)

    def text(self, content: str) -> None:
        """Print *content* as it is."""
        sys.stdout.write(content)

    def raw(self, content: bytes) -> None:
        """Print *content* byte for byte."""
        sys.stdout.flush()
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:  # a replaced stream that takes text only
            sys.stdout.write(content.decode("utf-8", "surrogateescape"))
        else:
            binary.write(content)

    def markdown(self, content: str) -> None:
        """Print *content*, which is Markdown: laid out on a terminal, as it is in a pipe."""
        if self.console is None:
            self.text(content)
            return
        from rich.markdown import Markdown

        self.console.print(Markdown(content))


@contextmanager
def progress() -> Generator[Callable[[str], None], None, None]:
    """Show what the run does at the moment beside a bar that moves, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what: bar.update(task, description=what)
