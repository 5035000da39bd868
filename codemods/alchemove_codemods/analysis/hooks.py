"""Which methods of a class its bases outside the program may call.

Of an unknown base that may be any. What those of the standard library call are their own methods: ``unittest`` also what begins with
``test``, and pytest, which runs such classes as well, what it calls around its tests.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_TEST_CASES = {
    f"unittest.{module}{name}"
    for module, name in (("", "TestCase"), ("case.", "TestCase"), ("", "IsolatedAsyncioTestCase"))
}
_OF_ASYNC_TEST_CASES = frozenset(
    {
        *("asyncSetUp", "asyncTearDown", "addAsyncCleanup", "enterAsyncContext"),
        *("_callAsync", "_callMaybeAsync", "_setupAsyncioRunner", "_tearDownAsyncioRunner"),
    }
)
_AROUND_TESTS = ("test", "setup", "teardown", "setUp", "tearDown")


def possible(knowledge: Knowledge, cls: ClassFacts, name: str) -> bool:
    """Whether a base class outside the program may call the method *name* of *cls*, or of a class that overrides it."""
    models = knowledge.models
    # What shares no more than a mixin with *cls* may have any base: that knows nothing of a method its class does not have.
    having = (m for m in models.family(cls).classes if any(name in a.members for a in models.ancestors(m)))
    return any(_calls(base, name) for member in having for base in models.calling_bases(member))


def _calls(base: str | None, name: str) -> bool:
    if base in _TEST_CASES:
        return name in _of_test_cases() or name.startswith(_AROUND_TESTS)
    if base == "threading.Thread":
        return name in _of_threads()
    return True


@functools.cache
def _of_test_cases() -> frozenset[str]:
    # Few programs ask, and importing it takes longer than reading a small one.
    from unittest import TestCase

    return frozenset(dir(TestCase)) | _OF_ASYNC_TEST_CASES


@functools.cache
def _of_threads() -> frozenset[str]:
    from threading import Thread

    return frozenset(dir(Thread))
