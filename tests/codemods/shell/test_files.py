from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from alchemove_codemods import files
from tests.codemods.shell.conftest import fill, without_privileges


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".alchemove-*")]


def test_content_is_read_byte_for_byte(folder: Path) -> None:
    content = b"\xef\xbb\xbf# coding: utf-8\r\nx = 1\f\r\n\ty\x1a"
    fill(folder, {"a.py": content})
    assert files.read(folder, ["a.py"]) == ({"a.py": content}, [])


def test_vanished_files_folders_links_and_pipes_are_left_out(folder: Path) -> None:
    fill(folder, {"folder.py/x": "", "a.py": ""})
    (folder / "link.py").symlink_to("a.py")
    os.mkfifo(folder / "pipe.py")
    assert files.read(folder, ["gone.py", "folder.py", "link.py", "pipe.py"]) == ({}, [])


def test_a_binary_file_is_reported(folder: Path) -> None:
    fill(folder, {"a.py": b"\x7fELF\0\0"})
    sources, problems = files.read(folder, ["a.py"])
    assert sources == {}
    assert "NUL bytes" in problems[0].message


def test_an_unreadable_file_is_reported_and_the_others_are_read(open_folder: Path) -> None:
    fill(open_folder, {"a.py": "x", "b.py": "y"})
    (open_folder / "a.py").chmod(0)
    (open_folder / "b.py").chmod(0o644)
    with without_privileges():
        sources, problems = files.read(open_folder, ["a.py", "b.py"])
    assert sources == {"b.py": b"y"}
    assert (problems[0].path, "Permission denied" in problems[0].message) == ("a.py", True)


def test_mode_owner_and_attributes_survive(folder: Path) -> None:
    fill(folder, {"a.py": "old"})
    (folder / "a.py").chmod(0o751)
    if os.getuid() == 0:
        os.chown(folder / "a.py", 1234, 2345)
    before = (folder / "a.py").stat()
    files.write(folder, {"a.py": b"old"}, {"a.py": b"new"})
    after = (folder / "a.py").stat()
    assert (folder / "a.py").read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert leftovers(folder) == []


def test_a_write_protected_file_stops_the_run_before_anything_is_written(folder: Path) -> None:
    fill(folder, {"a.py": "old", "b.py": "old", "c.py": "old"})
    (folder / "b.py").chmod(0o444)
    with pytest.raises(files.WriteFailed) as caught:
        files.write(
            folder, dict.fromkeys(("a.py", "b.py", "c.py"), b"old"), dict.fromkeys(("a.py", "b.py", "c.py"), b"new")
        )
    assert caught.value.written == ()
    assert "write-protected (mode 0444): chmod u+w" in caught.value.reasons["b.py"]
    assert [(folder / name).read_text() for name in ("a.py", "b.py", "c.py")] == ["old"] * 3
    assert leftovers(folder) == []


def test_a_folder_that_may_not_be_written_to_is_named_with_a_remedy(open_folder: Path) -> None:
    fill(open_folder, {"a.py": "old"})
    (open_folder / "a.py").chmod(0o666)
    with without_privileges(), pytest.raises(files.WriteFailed) as caught:
        files.write(open_folder, {"a.py": b"old"}, {"a.py": b"new"})
    if os.getuid() == 0:
        assert f"chmod u+w {open_folder}" in caught.value.reasons["a.py"]
    assert (open_folder / "a.py").read_text() == "old"


def test_somebody_elses_file_is_not_taken_over(open_folder: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("giving files away needs root")
    open_folder.chmod(0o777)
    fill(open_folder, {"a.py": "old"})
    (open_folder / "a.py").chmod(0o666)
    with without_privileges(), pytest.raises(files.WriteFailed) as caught:
        files.write(open_folder, {"a.py": b"old"}, {"a.py": b"new"})
    assert "run as its owner" in caught.value.reasons["a.py"]
    assert leftovers(open_folder) == []


def test_a_file_that_changed_during_the_run_is_not_overwritten(folder: Path) -> None:
    fill(folder, {"a.py": "edited meanwhile", "b.py": "old"})
    with pytest.raises(files.WriteFailed) as caught:
        files.write(
            folder, {"a.py": b"old", "b.py": b"old", "c.py": b"old"}, {"a.py": b"new", "b.py": b"new", "c.py": b"new"}
        )
    assert "changed by something else" in caught.value.reasons["a.py"]
    assert "No such file" in caught.value.reasons["c.py"]
    assert ((folder / "a.py").read_text(), (folder / "b.py").read_text()) == ("edited meanwhile", "old")


def test_a_failure_in_the_middle_says_what_was_written_and_what_not(folder: Path) -> None:
    names = ("a.py", "b.py", "c.py")
    fill(folder, dict.fromkeys(names, "old"))

    def replace(temporary: str, path: str) -> None:
        if path.endswith("b.py"):
            raise OSError(5, "Input/output error")
        os.replace(temporary, path)

    with pytest.raises(files.WriteFailed) as caught:
        files.write(folder, dict.fromkeys(names, b"old"), dict.fromkeys(names, b"new"), replace)
    assert (caught.value.written, caught.value.unwritten) == (("a.py", "c.py"), ("b.py",))
    assert [(folder / name).read_text() for name in names] == ["new", "old", "new"]
    assert leftovers(folder) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_leaves_every_file_old_or_new_and_says_which(folder: Path, when: str) -> None:
    names = ("a.py", "b.py", "c.py")
    fill(folder, dict.fromkeys(names, "old"))

    def replace(temporary: str, path: str) -> None:
        if path.endswith("b.py") and when == "before":
            raise KeyboardInterrupt
        os.replace(temporary, path)
        if path.endswith("b.py"):
            raise KeyboardInterrupt

    with pytest.raises(files.WriteFailed) as caught:
        files.write(folder, dict.fromkeys(names, b"old"), dict.fromkeys(names, b"new"), replace)
    new = {name for name in names if (folder / name).read_text() == "new"}
    assert set(caught.value.written) == new == ({"a.py"} if when == "before" else {"a.py", "b.py"})
    assert set(caught.value.unwritten) == set(names) - new
    assert leftovers(folder) == []


def test_a_killed_process_leaves_every_file_old_or_new(folder: Path) -> None:
    names = [f"m{number}.py" for number in range(40)]
    fill(folder, dict.fromkeys(names, "old" * 5000))
    program = f"""
        import os
        from pathlib import Path
        from alchemove_codemods import files
        names = {names!r}
        done = []
        def replace(temporary, path):
            os.replace(temporary, path)
            done.append(path)
            if len(done) == 17:
                os.kill(os.getpid(), 9)
        files.write(Path({str(folder)!r}), dict.fromkeys(names, b"old" * 5000), dict.fromkeys(names, b"new" * 5000), replace)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False).returncode == -9
    contents = [(folder / name).read_text() for name in names]
    assert sorted(set(contents)) == ["new" * 5000, "old" * 5000]
    assert contents.count("new" * 5000) == 17
    assert all(not name.endswith(".py") for name in leftovers(folder))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_on_a_full_disk_nothing_is_lost(small_disk: Path) -> None:
    names = [f"m{number}.py" for number in range(8)]
    fill(small_disk, dict.fromkeys(names, "o" * 40_000))
    with pytest.raises(files.WriteFailed) as caught:
        files.write(small_disk, dict.fromkeys(names, b"o" * 40_000), dict.fromkeys(names, b"n" * 40_000))
    assert caught.value.written == ()
    assert any("the disk is full" in reason and "free some space" in reason for reason in caught.value.reasons.values())
    assert {(small_disk / name).read_text() for name in names} == {"o" * 40_000}
    assert leftovers(small_disk) == []
