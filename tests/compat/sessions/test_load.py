"""`benchmarks/load.py` in small: its expectations hold on every change, not only when somebody measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_no_lost_write_no_wrong_status_and_no_connection_left_under_load() -> None:
    pytest.importorskip("uvicorn")
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "load.py"), "--requests", "1000", "--clients", "100"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all expectations hold" in done.stdout
