from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from alchemove_codemods import cli
from tests.codemods.shell.conftest import Alchemove, Git, fill


def test_files_are_rewritten_in_place_and_every_other_byte_stays(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": b"x = legacy\r\n\ty = 'caf\xc3\xa9'\f\r\n".replace(b"\t", b""), "b.py": "untouched = 1"})
    before = (folder / "b.py").stat().st_mtime_ns
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 0
    assert (folder / "a.py").read_bytes() == b"x = modern\r\ny = 'caf\xc3\xa9'\f\r\n"
    assert (folder / "b.py").stat().st_mtime_ns == before


def test_a_second_run_changes_nothing(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy"})
    alchemove("rewrite", ".", "--stage", "select")
    before = (folder / "a.py").stat().st_mtime_ns
    assert "0 changed" in alchemove("rewrite", ".", "--stage", "select").out
    assert (folder / "a.py").stat().st_mtime_ns == before


@pytest.mark.parametrize(("option", "status"), [("--check", 1), ("--diff", 0)])
def test_check_and_diff_write_nothing(folder: Path, alchemove: Alchemove, option: str, status: int) -> None:
    fill(folder, {"a.py": "x = legacy\n"})
    done = alchemove("rewrite", ".", "--stage", "select", option)
    assert done.status == status
    assert "1 would change" in done.out
    assert ("+x = modern" in done.out) == (option == "--diff")
    assert (folder / "a.py").read_text() == "x = legacy\n"


def test_check_is_content_when_nothing_would_change(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy  # refuse\n"})
    assert alchemove("rewrite", ".", "--stage", "select", "--check").status == 0


def test_files_with_uncommitted_changes_are_refused_all_together(folder: Path, git: Git, alchemove: Alchemove) -> None:
    fill(folder, dict.fromkeys(("clean.py", "edited.py", "staged.py"), "x = legacy") | {"other.py": "x = 1"})
    git("add", ".")
    git("commit", "-qm", "x")
    fill(folder, {"edited.py": "y = legacy", "staged.py": "y = legacy", "new.py": "y = legacy", "other.py": "x = 2"})
    git("add", "staged.py")
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 2
    assert [line.strip() for line in done.err.splitlines() if line.startswith("  ")] == [
        "edited.py",
        "new.py",
        "staged.py",
    ]
    assert "--allow-dirty" in done.err
    assert done.out == ""
    assert (folder / "clean.py").read_text() == "x = legacy"
    assert alchemove("rewrite", ".", "--stage", "select", "--allow-dirty").status == 0
    assert (folder / "new.py").read_text() == "y = modern"


def test_uncommitted_changes_in_files_that_stay_as_they_are_do_not_matter(
    folder: Path, git: Git, alchemove: Alchemove
) -> None:
    fill(folder, {"clean.py": "x = legacy", "other.py": "x = 1"})
    git("add", ".")
    git("commit", "-qm", "x")
    fill(folder, {"other.py": "x = 2", "new.py": "x = 3"})
    assert alchemove("rewrite", ".", "--stage", "select").status == 0
    assert (folder / "clean.py").read_text() == "x = modern"


def test_a_git_hook_of_another_repository_does_not_confuse(
    folder: Path, git: Git, alchemove: Alchemove, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(folder, {"a.py": "x = legacy"})
    git("add", ".")
    git("commit", "-qm", "x")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert alchemove("rewrite", ".", "--stage", "select").status == 0


def test_a_file_that_does_not_parse_is_reported_and_the_others_are_done(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"good.py": "x = legacy", "python2.py": "x = 1\nprint 'legacy'\n", "binary.py": b"\0legacy"})
    done = alchemove("rewrite", ".", "--stage", "select", "--format", "json")
    assert done.status == 2
    assert "error: python2.py:2:1: " in done.err
    assert "error: binary.py: is no Python source" in done.err
    assert (folder / "good.py").read_text() == "x = modern"


def test_problems_outside_the_given_paths_are_a_note(folder: Path, git: Git, alchemove: Alchemove) -> None:
    fill(folder, {"app/good.py": "x = legacy", "other/binary.py": b"\0"})
    done = alchemove("rewrite", "app", "--stage", "select", "--allow-dirty")
    assert done.status == 0
    assert "note: 1 files outside the given paths could not be read" in done.err


@pytest.mark.parametrize(
    ("required", "noted"),
    [
        ("SQLAlchemy==1.3.8", True),
        ("sqlalchemy<1.4", True),
        ("SQLAlchemy==1.4.15", True),
        ("SQLAlchemy==1.4.24", False),
        ("SQLAlchemy>=1.3", False),
        ("SQLAlchemy~=1.4.10", False),
        ("flask==2.0", False),
    ],
)
def test_a_project_whose_sqlalchemy_cannot_run_the_result_is_told_so(
    folder: Path, alchemove: Alchemove, required: str, noted: bool
) -> None:
    fill(folder, {"a.py": "x = legacy", "requirements.txt": f"{required}\n"})
    done = alchemove("rewrite", ".", "--stage", "select")
    assert ("note: the project allows SQLAlchemy" in done.err) is noted
    again = alchemove("rewrite", ".", "--stage", "select")
    assert "note: the project" not in again.err


def test_a_write_protected_file_is_named_and_nothing_is_changed(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy", "b.py": "x = legacy"})
    (folder / "a.py").chmod(0o444)
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 2
    assert "a.py: is write-protected (mode 0444): chmod u+w" in done.err
    assert "No file was changed; 2 would have been." in done.err
    assert (folder / "b.py").read_text() == "x = legacy"


RECORDED = """{"version": 1, "loads": [{"kind": "relationship", "class": "shop.User", "attribute": "posts", "partly": false,
    "path": [{"class": "shop.User", "attribute": "posts"}], "file": "shop.py", "line": 3, "function": "f", "origin": null}]}"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rewrite", "nowhere", "--stage", "select"], "nowhere does not exist: name a folder or a Python file"),
        (["scan", "notes.txt"], "notes.txt is neither a folder nor a *.py file"),
        (["rewrite", ".", "--stage", "nonsense"], "invalid choice: 'nonsense'"),
        (["rewrite", "."], "required: --stage"),
        (["rewrite", ".", "--stage", "select", "--format", "xml"], "invalid choice: 'xml'"),
        (["scan", ".", "--config", "missing.toml"], "missing.toml cannot be read"),
        (["rewrite", ".", "--stage", "async", "--lazy-loads", "no.json"], "no.json cannot be read"),
        (["rewrite", ".", "--stage", "async", "--lazy-loads", "notes.txt"], "notes.txt is no recording of lazy loads"),
        (["rewrite", ".", "--stage", "async", "--lazy-loads", "old.json"], "its format is 0, not 1. Write it anew"),
        (["rewrite", ".", "--stage", "async", "--lazy-loads", "other.json"], "about another program"),
        (["rewrite", ".", "--stage", "select", "--lazy-loads", "other.json"], "--lazy-loads is for --stage async"),
        ([], "required: COMMAND"),
    ],
)
def test_unusable_arguments_are_named_with_status_2(
    folder: Path, alchemove: Alchemove, arguments: list[str], message: str
) -> None:
    fill(
        folder, {"notes.txt": "", "old.json": '{"version": 0, "loads": []}', "other.json": RECORDED, "app.py": "x = 1"}
    )
    done = alchemove(*arguments)
    assert done.status == 2
    assert message in done.err
    assert done.out == ""


def test_without_a_path_the_configured_paths_are_rewritten(folder: Path, alchemove: Alchemove) -> None:
    fill(
        folder, {"pyproject.toml": '[tool.alchemove]\npaths = ["app"]', "app/a.py": "legacy = 1", "b.py": "legacy = 1"}
    )
    assert alchemove("rewrite", "--stage", "select").status == 0
    assert ((folder / "app/a.py").read_text(), (folder / "b.py").read_text()) == ("modern = 1", "legacy = 1")


def test_an_empty_folder_is_no_error(folder: Path, alchemove: Alchemove) -> None:
    assert alchemove("rewrite", ".", "--stage", "select").status == 0


def test_an_error_of_the_engine_writes_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fill(folder, {"a.py": "x = legacy"})

    def broken(*_: object, **__: object):
        raise ZeroDivisionError

    assert cli.main(["rewrite", ".", "--stage", "select"], run=broken) == 2
    said = capfd.readouterr().err
    assert "ZeroDivisionError" in said
    assert "this is a bug in alchemove; no file was changed" in said
    assert (folder / "a.py").read_text() == "x = legacy"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_no_file_is_changed(folder: Path, number: signal.Signals) -> None:
    fill(folder, {"a.py": "x = legacy"})
    program = """
        import signal, sys, time
        from alchemove_codemods import cli
        # A shell has what it runs in the background ignore Ctrl-C, and children inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        def slow(*arguments, **named):
            print("deciding", flush=True)
            # One long sleep would not notice a signal that arrives just before it begins.
            while True:
                time.sleep(0.01)
        sys.exit(cli.main(["rewrite", ".", "--stage", "select"], run=slow))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "deciding\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert said == "alchemove: error: interrupted; no file was changed\n"
    assert process.returncode == 130
    assert (folder / "a.py").read_text() == "x = legacy"


def test_a_reader_that_stops_early_is_no_error(folder: Path) -> None:
    fill(folder, {f"m{number}.py": "x = legacy\n" * 500 for number in range(20)})
    program = (
        "import sys; from alchemove_codemods import cli; from tests.codemods.shell.standin import Standin;"
        "sys.exit(cli.main(['rewrite', '.', '--stage', 'select', '--diff'], run=Standin()))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        f'"{sys.executable}" -c "{program}" | head -n 1',
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (done.stdout, done.stderr) == ("--- a/m0.py\n", "")


def test_on_a_terminal_there_are_colours_and_in_a_pipe_there_are_none(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"a.py": "x = legacy\ny = legacy  # refuse\n"})
    arguments = ["rewrite", ".", "--stage", "select", "--diff"]
    piped = alchemove(*arguments)
    assert "\x1b" not in piped.out + piped.err
    program = (
        "import sys; from alchemove_codemods import cli; from tests.codemods.shell.standin import Standin;"
        f"sys.exit(cli.main({arguments!r}, run=Standin()))"
    )
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TERM": "xterm-256color",
        "COLUMNS": "100",
    }
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            if not (piece := os.read(ours, 65536)):
                break
        except OSError:  # Linux says so when the last writer is gone
            break
        shown += piece
    assert process.wait() == 0
    assert b"\x1b[32m+x = modern" in shown
    assert b"reading 1 files" in shown
