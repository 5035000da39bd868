"""Every example of docs/runtime.md runs as it stands.

The blocks of a section run in their order. A block whose first line is a comment with a file name is that file; files
of earlier sections are there too. Each other block is a program, run on a database of the section's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "runtime.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.py)\n")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("number", range(len(SECTIONS)), ids=[title for title, _ in SECTIONS])
def test_the_examples_run_as_they_stand(number: int, tmp_path: Path, database_url: str) -> None:
    for _, text in SECTIONS[:number]:
        for block in blocks(text):
            if match := FILE.match(block):
                write(tmp_path / match[1], block)
    for block in blocks(SECTIONS[number][1]):
        if match := FILE.match(block):
            write(tmp_path / match[1], block)
            continue
        write(tmp_path / "example.py", block)
        path = os.pathsep.join([str(tmp_path), str(ROOT / "compat"), str(ROOT / "codemods")])
        done = subprocess.run(
            [sys.executable, "-W", "error", "example.py"],
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{block}\n{done.stderr}"


def test_the_page_has_examples() -> None:
    assert sum(len(blocks(text)) for _, text in SECTIONS) >= 10
