from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import platformdirs
import pytest

from alchemove_codemods import cache
from alchemove_codemods.findings import Finding, Outcome, Problem
from tests.codemods.shell.conftest import Alchemove, fill

OUTCOME = cache.Entry(
    Outcome(
        "select",
        3,
        {"a.py": bytes(range(256))},
        [Finding("a.py", 1, 2, "rule", "refused", "reason", "text \udce9")],
        [Problem("b.py", None, None, "unreadable")],
        {"models": ["app.User"]},
    ),
    {"reason": "why"},
)


def test_what_was_stored_is_loaded_again(tmp_path: Path) -> None:
    cache.store(tmp_path, "key", OUTCOME)
    assert cache.load(tmp_path, "key") == OUTCOME
    assert cache.load(tmp_path, "other") is None


def test_the_key_depends_on_everything_that_decides() -> None:
    keys = {
        cache.key("select", {"a.py": b"x"}, {}, ["a.py"]),
        cache.key("async", {"a.py": b"x"}, {}, ["a.py"]),
        cache.key("select", {"a.py": b"y"}, {}, ["a.py"]),
        cache.key("select", {"b.py": b"x"}, {}, ["a.py"]),
        cache.key("select", {"a.py": b"x", "b.py": b""}, {}, ["a.py"]),
        cache.key("select", {"a.py": b"x"}, {"strict": True}, ["a.py"]),
        cache.key("select", {"a.py": b"x"}, {"stage_options": {"deep": True}}, ["a.py"]),
        cache.key("select", {"a.py": b"x"}, {}, []),
        cache.key("select", {"a.pyx": b""}, {}, ["a.py"]),
    }
    assert len(keys) == 9
    assert cache.key("select", {"a.py": b"x"}, {}, ["a.py"]) in keys


def test_the_same_run_skips_the_engine_and_a_changed_file_does_not(folder: Path, alchemove: Alchemove, engine) -> None:
    fill(folder, {"a.py": "x = legacy", "b.py": "y = legacy  # refuse"})
    first = alchemove("rewrite", ".", "--stage", "select", "--diff")
    second = alchemove("rewrite", ".", "--stage", "select", "--diff")
    assert (first, len(engine.calls)) == (second, 1)
    fill(folder, {"a.py": "x = 'legacy'"})
    assert "+x = 'modern'" in alchemove("rewrite", ".", "--stage", "select", "--diff").out
    assert len(engine.calls) == 2


def test_no_cache_neither_reads_nor_writes(folder: Path, alchemove: Alchemove, engine, own_cache: Path) -> None:
    fill(folder, {"a.py": "x = legacy"})
    for _ in range(2):
        alchemove("scan", ".", "--no-cache")
    assert len(engine.calls) == 2
    assert list(own_cache.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"{}", b"x" * 40 + b"\n{}", None])
def test_a_damaged_entry_is_ignored(tmp_path: Path, damage: bytes | None) -> None:
    cache.store(tmp_path, "key", OUTCOME)
    entry = tmp_path / "key"
    entry.write_bytes(entry.read_bytes().replace(b"app.User", b"app.Uzer") if damage is None else damage)
    assert cache.load(tmp_path, "key") is None


def test_an_entry_of_another_form_is_ignored(tmp_path: Path) -> None:
    content = b'{"stage": "select"}'
    (tmp_path / "key").write_bytes(cache._checksum(content) + b"\n" + content)
    assert cache.load(tmp_path, "key") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache.store(tmp_path / "file" / "cache", "key", OUTCOME)
    assert cache.load(tmp_path / "file" / "cache", "key") is None


def test_the_least_recently_used_entries_go_first(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        cache.store(tmp_path, name, OUTCOME)
    size = (tmp_path / "one").stat().st_size
    for age, name in enumerate(("three", "two", "one")):
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    cache.load(tmp_path, "one")
    cache.store(tmp_path, "four", OUTCOME, limit=size * 2)
    assert {entry.name for entry in tmp_path.iterdir()} == {"one", "four"}


def _store_many(folder: Path, seed: int) -> None:
    for number in range(30):
        cache.store(folder, f"key{(number + seed) % 7}", OUTCOME, limit=4000)
        loaded = cache.load(folder, f"key{number % 7}")
        assert loaded is None or loaded == OUTCOME


def test_processes_do_not_disturb_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_store_many, args=(tmp_path, seed)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) <= 4000


def test_entries_are_kept_in_the_cache_directory_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ALCHEMOVE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    place = cache.folder()
    assert place is not None
    assert place.is_relative_to(tmp_path)
    assert place.name == "alchemove"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALCHEMOVE_CACHE_DIR")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/.cache/alchemove"))
    assert cache.folder() is None
