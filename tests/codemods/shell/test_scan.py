from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codemods.shell.conftest import Alchemove, Git, fill


def test_scan_writes_nothing_and_tells_what_is_legacy_where_and_why(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy\ny = legacy  # refuse\n", "b.py": "x = legacy\n"})
    done = alchemove("scan", ".")
    assert done.status == 0
    assert done.out == (
        "2 files read\n"
        "  models: 2: app.User, app.Post\n"
        "\n"
        "Legacy sites by kind\n"
        "  kind      found  would be rewritten  refused\n"
        "  old-word      3                   2        1\n"
        "\n"
        "Legacy sites by file\n"
        "  file  found  would be rewritten  refused\n"
        "  a.py      2                   1        1\n"
        "  b.py      1                   1        0\n"
        "\n"
        "What stage select would do\n"
        "  sites               count\n"
        "  found                   3\n"
        "  would be rewritten      2\n"
        "  refused                 1\n"
        "    not-sure              1\n"
        "\n"
        "The reason\n"
        "  not-sure (1 site): \n"
        "  More: alchemove explain not-sure\n"
    )
    assert (folder / "b.py").read_text() == "x = legacy\n"


def test_a_modern_program_is_said_to_be_one(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = 1"})
    assert "No legacy Query code was found." in alchemove("scan", ".").out


def test_scan_as_json_adds_the_inventory(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy\ny = legacy  # refuse\n", "b.py": "x = legacy\n"})
    document = json.loads(alchemove("scan", ".", "--format", "json").out)
    assert document["inventory"] == {"models": ["app.User", "app.Post"], "drivers": []}
    assert document["legacy"] == {
        "kinds": {"old-word": {"found": 3, "rewritten": 2, "refused": 1}},
        "files": {"a.py": 2, "b.py": 1},
    }
    assert len(document["findings"]) == 3


def test_scan_as_html_is_one_page(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy  # <refuse>\n"})
    page = alchemove("scan", ".", "--format", "html").out
    assert page.startswith("<!DOCTYPE html>")
    assert "not-sure" in page
    assert page.rstrip().endswith("</html>")


# -- the ratchet ------------------------------------------------------------------------------------------------------


def record(folder: Path) -> dict[str, int]:
    return json.loads((folder / "ratchet.json").read_text())["files"]


def test_the_first_scan_records_and_the_same_again_is_content(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "legacy, legacy\nlegacy # refuse", "b.py": ""})
    done = alchemove("scan", ".", "--ratchet", "ratchet.json")
    assert (done.status, record(folder)) == (0, {"a.py": 2})
    assert "recorded 2 legacy sites in 1 files" in done.err
    before = (folder / "ratchet.json").stat().st_mtime_ns
    assert alchemove("scan", ".", "--ratchet", "ratchet.json").status == 0
    assert (folder / "ratchet.json").stat().st_mtime_ns == before


def test_more_legacy_code_fails_until_it_is_gone(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "legacy\n"})
    alchemove("scan", ".", "--ratchet", "ratchet.json")
    fill(folder, {"a.py": "legacy\nlegacy\n", "new.py": "legacy"})
    for _ in range(2):
        done = alchemove("scan", ".", "--ratchet", "ratchet.json")
        assert (done.status, record(folder)) == (1, {"a.py": 1})
        assert "error: a.py: 2 legacy sites, 1 more than recorded in ratchet.json" in done.err
        assert "error: new.py: 1 legacy sites, 1 more than recorded" in done.err
    fill(folder, {"a.py": "legacy\n", "new.py": ""})
    assert alchemove("scan", ".", "--ratchet", "ratchet.json").status == 0


def test_less_legacy_code_lowers_the_record_for_good(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "legacy\nlegacy\n", "b.py": "legacy", "c.py": "legacy"})
    alchemove("scan", ".", "--ratchet", "ratchet.json")
    fill(folder, {"a.py": "legacy\n", "b.py": ""})
    (folder / "c.py").unlink()
    done = alchemove("scan", ".", "--ratchet", "ratchet.json")
    assert (done.status, record(folder)) == (0, {"a.py": 1})
    assert "a.py: 1 legacy sites, 1 fewer than before" in done.err
    fill(folder, {"a.py": "legacy\nlegacy\n"})
    assert alchemove("scan", ".", "--ratchet", "ratchet.json").status == 1


def test_a_scan_of_a_part_leaves_the_rest_of_the_record(folder: Path, git: Git, alchemove: Alchemove) -> None:
    fill(folder, {"a/x.py": "legacy", "b/x.py": "legacy"})
    alchemove("scan", ".", "--ratchet", "ratchet.json")
    fill(folder, {"a/x.py": ""})
    alchemove("scan", "a", "--ratchet", "ratchet.json")
    assert record(folder) == {"b/x.py": 1}


def test_a_file_that_does_not_parse_keeps_its_record(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "legacy", "b.py": "legacy"})
    alchemove("scan", ".", "--ratchet", "ratchet.json")
    fill(folder, {"a.py": "legacy(:", "b.py": b"\0"})
    assert alchemove("scan", ".", "--ratchet", "ratchet.json").status == 2
    assert record(folder) == {"a.py": 1, "b.py": 1}


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2, "files": {}}', '{"version": 1, "files": {"a": "x"}}'])
def test_a_damaged_record_is_named_with_a_remedy(folder: Path, alchemove: Alchemove, content: str) -> None:
    fill(folder, {"a.py": "legacy", "ratchet.json": content})
    done = alchemove("scan", ".", "--ratchet", "ratchet.json")
    assert done.status == 2
    assert "ratchet.json is no " in done.err
    assert "delete it" in done.err
    assert (folder / "ratchet.json").read_text() == content


def test_a_record_that_cannot_be_written_is_an_error(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "legacy"})
    done = alchemove("scan", ".", "--ratchet", "missing/ratchet.json")
    assert done.status == 2
    assert "missing/ratchet.json cannot be written" in done.err
