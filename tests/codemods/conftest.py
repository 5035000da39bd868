from __future__ import annotations

import sys
from collections.abc import Iterator

import hypothesis
import pytest

from tests.codemods.cases import FIXTURES

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

collect_ignore = ["programs"]  # programs to rewrite; those that bring tests run them in processes of their own


@pytest.fixture(scope="session", autouse=True)
def fixture_models() -> Iterator[None]:
    """The models of the fixtures can be imported by the code of the cases."""
    sys.path.insert(0, str(FIXTURES))
    yield
    sys.path.remove(str(FIXTURES))
