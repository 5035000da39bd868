"""An engine that turns the word ``legacy`` into ``modern``, unless its line says ``refuse`` or ``skip``.

The tests of this folder are about everything around the engine, so they hold whatever the rules do; those in
test_whole.py run the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from alchemove_codemods.engine import Options
from alchemove_codemods.findings import Finding, Outcome, Problem, Status


class Standin:
    """The engine; remembers what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Mapping[str, bytes], Options | None, Sequence[str] | None]] = []

    def __call__(
        self,
        stage: str,
        sources: Mapping[str, bytes],
        options: Options | None = None,
        targets: Sequence[str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Outcome:
        self.calls.append((sources, options, targets))
        chosen = sources if targets is None else targets
        outcome = Outcome(stage, scanned=len(chosen), inventory={"models": ["app.User", "app.Post"], "drivers": []})
        for name in chosen:
            try:
                compile(sources[name], name, "exec")
            except SyntaxError as error:
                outcome.problems.append(Problem(name, error.lineno, error.offset, error.msg))
                continue
            outcome.findings.extend(_findings(name, sources[name]))
            new = b"\n".join(_rewritten(line) for line in sources[name].split(b"\n"))
            if new != sources[name]:
                outcome.changed[name] = new
        return outcome


def _findings(name: str, source: bytes) -> Iterator[Finding]:
    for number, line in enumerate(source.split(b"\n"), 1):
        if b"legacy" in line:
            status: Status = "refused" if b"refuse" in line else "skipped" if b"skip" in line else "rewritten"
            reason = "not-sure" if status == "refused" else None
            yield Finding(name, number, line.index(b"legacy") + 1, "old-word", status, reason, "the word legacy")


def _rewritten(line: bytes) -> bytes:
    return line if b"refuse" in line or b"skip" in line else line.replace(b"legacy", b"modern")
