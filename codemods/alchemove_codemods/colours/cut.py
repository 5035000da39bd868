"""The cheapest boundary: where coroutines end and sync functions begin, with the fewest crossings."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from typing import TypeVar

_N = TypeVar("_N", bound=Hashable)
_UNLIMITED = 1 << 40


class Cut:
    """A flow network; :meth:`sources_side` is the larger side of a cheapest cut that holds the sources."""

    def __init__(self) -> None:
        self._capacity: dict[Hashable, dict[Hashable, int]] = {}

    def cost(self, upper: Hashable, lower: Hashable, capacity: int = 1) -> None:
        """Having *upper* on the side of the sources and *lower* on the other costs *capacity* more."""
        self._capacity.setdefault(upper, {}).setdefault(lower, 0)
        self._capacity.setdefault(lower, {}).setdefault(upper, 0)
        self._capacity[upper][lower] += capacity

    def implies(self, node: Hashable, other: Hashable) -> None:
        """If *node* is on the side of the sources then *other* is, too."""
        self.cost(node, other, _UNLIMITED)

    def sources_side(self, nodes: Iterable[_N], sources: Iterable[_N], sinks: Iterable[_N]) -> set[_N]:
        """Those of *nodes* that stay with *sources*, as many as the least cost allows."""
        source, sink = object(), object()
        for first in sources:
            self.cost(source, first, _UNLIMITED)
        for last in sinks:
            self.cost(last, sink, _UNLIMITED)
        while (path := self._path(source, sink)) is not None:
            least = min(self._capacity[a][b] for a, b in path)
            for a, b in path:
                self._capacity[a][b] -= least
                self._capacity[b][a] += least
        # What cannot reach the sink any more belongs to the larger of the cheapest sides.
        reaching: set[Hashable] = {sink}
        pending: deque[Hashable] = deque([sink])
        while pending:
            node = pending.popleft()
            for other in self._capacity.get(node, {}):
                if other not in reaching and self._capacity[other][node] > 0:
                    reaching.add(other)
                    pending.append(other)
        return {node for node in nodes if node not in reaching}

    def _path(self, source: Hashable, sink: Hashable) -> list[tuple[Hashable, Hashable]] | None:
        before: dict[Hashable, Hashable] = {source: source}
        pending: deque[Hashable] = deque([source])
        while pending:
            node = pending.popleft()
            for other, left in self._capacity.get(node, {}).items():
                if left > 0 and other not in before:
                    before[other] = node
                    if other is sink:
                        return _back(before, source, sink)
                    pending.append(other)
        return None


def _back(before: dict[Hashable, Hashable], source: Hashable, sink: Hashable) -> list[tuple[Hashable, Hashable]]:
    path = []
    at = sink
    while at is not source:
        path.append((before[at], at))
        at = before[at]
    return path
