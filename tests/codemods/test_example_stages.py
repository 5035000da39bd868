"""Each stage of the example is exactly what alchemove makes of the stage before it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "app_example"


def test_each_stage_is_what_alchemove_makes_of_the_one_before() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLE / "regenerate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_stage_needs_an_edit_by_hand() -> None:
    assert not list(EXAMPLE.glob("*.patch"))
