from __future__ import annotations

import difflib
import json
import os
import subprocess
from pathlib import Path

import hypothesis
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemove_codemods.findings import Finding, Outcome, Problem
from alchemove_codemods.ratchet import turn
from alchemove_codemods.report import diff, github, sarif, text
from alchemove_codemods.report import json as json_report
from alchemove_codemods.report.spans import plain, table
from tests.codemods.shell.conftest import Alchemove, Git, fill

SOURCE = "x = legacy\n    # é\nz = legacy  # refuse\nw = legacy  # skip\n"


def test_the_json_report_has_exactly_the_documented_form(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"app/a.py": SOURCE.replace("    ", ""), "app/b.py": "x = 1"})
    done = alchemove("rewrite", "app", "--stage", "select", "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out) == {
        "version": 1,
        "stage": "select",
        "files": {"scanned": 2, "changed": 1},
        "sites": {"found": 3, "rewritten": 1, "refused": 2},
        "findings": [
            {
                "path": "a.py",
                "line": line,
                "column": 5,
                "rule": "old-word",
                "status": status,
                "reason": reason,
                "message": "the word legacy",
            }
            for line, status, reason in (
                (1, "rewritten", None),
                (3, "refused", "not-sure"),
                (4, "refused", "skip-comment"),
            )
        ],
    }


def test_what_stays_legal_is_pointed_out_but_is_no_site() -> None:
    bulk = Finding("a.py", 3, 5, "bulk-methods", "refused", "bulk-methods", "bulk_* has no modern form")
    query = Finding("a.py", 4, 5, "session-query", "rewritten", None, "rewritten to select()")
    report = json.loads(json_report.rewrite(Outcome("select", 1, findings=[bulk, query])))
    assert report["sites"] == {"found": 1, "rewritten": 1, "refused": 0}
    assert [finding["reason"] for finding in report["findings"]] == ["bulk-methods", None]
    assert turn(None, Outcome("select", 1, findings=[bulk]), ["a.py"]).counts == {}


def test_paths_are_relative_to_the_folder_the_run_was_started_for(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"setup.py": "", "app/deep/a.py": "x = legacy", "lib/b.py": "x = legacy"})

    def paths(*arguments: str) -> list[str]:
        done = alchemove("rewrite", *arguments, "--stage", "select", "--check", "--format", "json")
        return [finding["path"] for finding in json.loads(done.out)["findings"]]

    assert paths("app") == ["deep/a.py"]
    assert paths(".") == paths("app", "lib") == ["app/deep/a.py", "lib/b.py"]
    assert paths("app/deep/a.py") == ["app/deep/a.py"]


def test_the_text_report_lists_sites_counts_them_and_explains_the_most_frequent_reasons() -> None:
    reasons = ["b", "a", "a", "c", "d", "a", "b"]
    findings = [Finding("x.py", line, 1, "chain", "refused", reason, "why") for line, reason in enumerate(reasons, 1)]
    findings.append(Finding("x.py", 9, 1, "chain", "rewritten", None, ""))
    lines = [
        plain(line)
        for line in text.rewrite(
            Outcome("select", 1200, {"x.py": b""}, findings), text.DONE, {"a": "A", "b": "B", "c": "C"}
        )
    ]
    assert lines[:2] == ["x.py:1 chain refused: b: why", "x.py:2 chain refused: a: why"]
    assert "x.py:9 chain" in lines
    assert "\n".join(lines[9:]) == (
        "Stage select: 1,200 files read, 1 changed.\n"
        "  sites      count\n"
        "  found          8\n"
        "  rewritten      1\n"
        "  refused        7\n"
        "    a            3\n"
        "    b            2\n"
        "    c            1\n"
        "    d            1\n"
        "\n"
        "The most frequent reasons\n"
        "  a (3 sites): A\n"
        "  b (2 sites): B\n"
        "  c (1 site): C\n"
        "  More: alchemove explain a"
    )


def test_a_table_without_rows_has_a_head() -> None:
    assert [plain(line) for line in table(("one", "two"), [])] == ["  one  two"]


# -- diff -------------------------------------------------------------------------------------------------------------


def test_a_diff_has_context_and_marks_missing_line_ends() -> None:
    old = b"1\n2\n3\n4\n5\n6\n7\n8\nlast"
    assert b"".join(diff.unified("a b.py", old, old.replace(b"last", b"end"))) == (
        b"--- a/a b.py\t\n+++ b/a b.py\t\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n"
        b"-last\n\\ No newline at end of file\n+end\n\\ No newline at end of file\n"
    )


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1", "--binary", "-s"]])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\r\nb\r\nc", b"a\r\nx\r\nc"),
        (b"a\nb\n", b"a\nb"),
        (b"\xe9\n\x0c\nb\x0b\n", b"\xe9\xe8\n\x0c\nb\x0b\n"),
        (b"".join(b"%d\n" % n for n in range(5000)), b"".join(b"%d\n" % (n * (n % 97 != 5)) for n in range(5000))),
        (b"a\rb\rc\n", b"a\rx\rc\n"),
    ],
)
def test_git_and_patch_take_a_diff_of_any_bytes(folder: Path, tool: list[str], old: bytes, new: bytes) -> None:
    name = "sub folder/é.py"
    fill(folder, {name: old, "x.diff": b"".join(diff.unified(name, old, new))})
    subprocess.run([*tool, "x.diff"] if tool[0] == "git" else [*tool, "-i", "x.diff"], cwd=folder, check=True)
    assert (folder / name).read_bytes() == new


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"\r\n", b"c\r", b"\x0c"]), max_size=12).map(b"".join)


@given(lines, lines, st.integers(0, 3))
def test_a_diff_of_lines_agrees_with_the_standard_library(old: bytes, new: bytes, context: int) -> None:
    hypothesis.assume(old != new)
    ours = b"".join(diff.unified("f", old, new, context)).replace(b"\n\\ No newline at end of file", b"")
    before, after = diff._LINE.findall(old), diff._LINE.findall(new)
    theirs = difflib.diff_bytes(difflib.unified_diff, before, after, b"a/f", b"b/f", n=context)
    assert ours == b"".join(line if line.endswith(b"\n") else line + b"\n" for line in theirs)


def test_the_diff_that_is_printed_can_be_applied(folder: Path, git: Git, alchemove: Alchemove) -> None:
    fill(
        folder,
        {
            "app/a.py": b"x = legacy\r\ny = '\xc3\xa9'\r\nz = legacy",
            "app/b.py": b"# coding: latin-1\nx = legacy # \xe9\n",
        },
    )
    shown = alchemove("rewrite", "app", "--stage", "select", "--diff").out
    before = {name: (folder / name).read_bytes() for name in ("app/a.py", "app/b.py")}
    alchemove("rewrite", "app", "--stage", "select", "--allow-dirty")
    wanted = {name: (folder / name).read_bytes() for name in before}
    fill(folder, before)
    patch = shown[: shown.index("app/a.py:1 ")].encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "-"], input=patch, cwd=folder, check=True)
    assert {name: (folder / name).read_bytes() for name in before} == wanted


# -- SARIF ------------------------------------------------------------------------------------------------------------

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^[\x21-\x7e]+$"},
                        "uriBaseId": {"const": "SRCROOT"},
                    },
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                },
            },
        }
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
OURS = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"const": "alchemove"},
                                    "version": {"type": "string", "pattern": "[0-9]"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": TEXT,
                                                "help": TEXT,
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "originalUriBaseIds": {"type": "object"},
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "uniqueItems": False,
                                    "items": {
                                        "type": "object",
                                        "required": ["message"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "level": LEVEL,
                                            "message": TEXT,
                                            "locations": {"type": "array", "items": LOCATION},
                                        },
                                    },
                                },
                            },
                        },
                    },
                    "properties": {"type": "object"},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": LEVEL,
                                "message": TEXT,
                                "locations": {"type": "array", "items": LOCATION},
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""The part of SARIF 2.1.0 that the tool uses, without the freedom to use anything else.

The official schema is not kept here; if ``ALCHEMOVE_SARIF_SCHEMA`` names a file with it, every log of these tests is
validated against that too.
"""


def validate(log: str) -> dict:
    document = json.loads(log)
    jsonschema.validate(document, OURS)
    if official := os.environ.get("ALCHEMOVE_SARIF_SCHEMA"):
        jsonschema.validate(document, json.loads(Path(official).read_text()))
    return document["runs"][0]


@pytest.mark.parametrize("command", [["scan"], ["rewrite", "--stage", "select", "--check"]])
def test_the_sarif_report_is_valid_and_names_every_site_and_problem(
    folder: Path, alchemove: Alchemove, command: list[str]
) -> None:
    fill(folder, {"app/é b.py": SOURCE.replace("    ", ""), "bad.py": "def f(: pass", "binary.py": b"\0"})
    done = alchemove(*command, ".", "--format", "sarif")
    run = validate(done.out)
    assert [(each["ruleId"], each["level"], each["properties"]["reason"]) for each in run["results"]] == [
        ("old-word", "note", None),
        ("old-word", "warning", "not-sure"),
        ("old-word", "none", "skip-comment"),
    ]
    assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]} == {
        "app/%C3%A9%20b.py"
    }
    said = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in said] == [
        "bad.py",
        "binary.py",
    ]


def test_an_empty_sarif_report_is_valid() -> None:
    assert validate(sarif.log(Outcome("select"), successful=True))["results"] == []


# -- GitHub -----------------------------------------------------------------------------------------------------------


def test_github_annotations_are_escaped() -> None:
    outcome = Outcome(
        "select",
        findings=[
            Finding("a,b:c.py", 3, 7, "chain", "refused", "why", "100 %\nsure"),
            Finding("d.py", 4, 1, "chain", "rewritten", None, "now select()"),
        ],
        problems=[Problem("e.py", None, None, "unreadable")],
    )
    assert list(github.commands(outcome, pending=True)) == [
        "::error file=e.py,title=alchemove::unreadable",
        "::warning file=a%2Cb%3Ac.py,line=3,col=7,title=alchemove chain::100 %25%0Asure (why)",
        "::error file=d.py,line=4,col=1,title=alchemove chain::now select()",
    ]
    assert len(list(github.commands(outcome, pending=False))) == 2


def test_github_annotations_are_relative_to_the_repository(folder: Path, git: Git, alchemove: Alchemove) -> None:
    fill(folder, {"app/a.py": "x = legacy  # refuse"})
    assert alchemove("scan", "app", "--format", "github").out.startswith("::warning file=app/a.py,line=1,")
