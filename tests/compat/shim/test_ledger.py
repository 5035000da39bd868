from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from alchemove.ledger import SUFFIX, Ledger, read
from alchemove.usage import Usage, main, summarise

from .conftest import Application

Shim = Callable[[], Application]


def counts(folder: Path) -> dict[str, int]:
    """How often each line was counted, by ``file:line``."""
    contents, problems = read(folder)
    assert problems == []
    found: dict[str, int] = {}
    for use in summarise(contents):
        place = f"{Path(use.file).name}:{use.line}"
        found[place] = found.get(place, 0) + use.count
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_a_process_writes_its_uses_when_it_ends(shim: Shim) -> None:
    application = shim()
    application.write(main="import app.database\nfor _ in range(7):\n    app.database.engine\n")
    assert application.run("main.py").returncode == 0
    assert counts(application.ledger) == {"main.py:3": 7}


def test_a_process_that_ends_with_an_exception_writes_too(shim: Shim) -> None:
    application = shim()
    application.write(main="from app.database import engine\nraise SystemExit(3)\n")
    assert application.run("main.py").returncode == 3
    assert counts(application.ledger) == {"main.py:1": 1}


def test_without_the_variable_nothing_is_written(shim: Shim) -> None:
    application = shim()
    application.write(main="from app.database import engine\n")
    application.run("main.py", ALCHEMOVE_LEDGER="")
    assert not application.ledger.exists()


def test_a_killed_process_has_already_written_the_lines_that_use_something(shim: Shim) -> None:
    application = shim()
    application.write(main="from app.database import engine\nimport time\nprint('up', flush=True)\ntime.sleep(60)\n")
    process = application.start("main.py")
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    wait_for(lambda: application.ledger.is_dir() and bool(list(application.ledger.glob(f"*{SUFFIX}"))))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert counts(application.ledger) == {"main.py:1": 1}


def test_killing_writers_at_any_moment_never_leaves_a_broken_file(application: Application) -> None:
    application.write(
        main="""
            import sys
            from pathlib import Path
            from alchemove.ledger import Ledger
            ledger = Ledger(Path(sys.argv[1]))
            print("up", flush=True)
            line = 0
            while True:
                line += 1
                ledger.count("legacy.name", __file__, line % 400)
                ledger.write()
        """
    )
    for turn in range(12):
        process = application.start("main.py", str(application.ledger))
        assert process.stdout is not None
        process.stdout.readline()
        # However busy the machine is: each has written once, and goes on writing.
        wait_for(lambda: application.ledger.is_dir() and len(list(application.ledger.glob(f"*{SUFFIX}"))) > turn)  # noqa: B023
        time.sleep(0.011 * turn)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    contents, problems = read(application.ledger)
    assert problems == []
    assert len(contents) == 12


def test_counts_are_written_again_after_the_interval(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, interval=0.2, first=0.01)
    ledger.count("name", "a.py", 1)
    wait_for(lambda: counts(tmp_path) == {"a.py:1": 1})
    ledger.count("name", "a.py", 1)
    ledger.count("name", "a.py", 1)
    assert counts(tmp_path) == {"a.py:1": 1}  # a line that is known waits for the interval
    wait_for(lambda: counts(tmp_path) == {"a.py:1": 3})


def test_an_idle_process_has_no_thread_of_ours(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, interval=0.05, first=0.01)
    ledger.count("name", "a.py", 1)
    wait_for(lambda: not any(thread.name == "alchemove-ledger" for thread in threading.enumerate()))
    assert counts(tmp_path) == {"a.py:1": 1}


def test_threads_lose_no_count(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, interval=0.01, first=0.001)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda: [ledger.count("name", "a.py", line % 3) for line in range(6000)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    ledger.end()
    assert counts(tmp_path) == {"a.py:0": 16000, "a.py:1": 16000, "a.py:2": 16000}


def test_many_processes_share_a_folder(shim: Shim) -> None:
    application = shim()
    application.write(main="import app.database\nfor _ in range(50):\n    app.database.engine\n")
    processes = [application.start("main.py") for _ in range(8)]
    for process in processes:
        process.communicate()
    assert counts(application.ledger) == {"main.py:3": 400}
    assert len(list(application.ledger.glob(f"*{SUFFIX}"))) == 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_counts_from_zero_into_its_own_file(shim: Shim) -> None:
    application = shim()
    # -W error: a process that forks while it has threads warns since Python 3.12, and the ledger must not cause that.
    application.write(
        main="""
            import os, sys, warnings
            warnings.filterwarnings("ignore", message="app.database")
            import app.database
            app.database.engine
            for _ in range(3):
                app.database.engine
                child = os.fork()
                if not child:
                    app.database.engine
                    sys.exit()
                os.waitpid(child, 0)
        """
    )
    done = application.run("-W", "error", "main.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(application.ledger) == {"main.py:5": 1, "main.py:7": 3, "main.py:10": 3}
    assert len(list(application.ledger.glob(f"*{SUFFIX}"))) == 4


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_write_although_they_end_without_atexit(shim: Shim, method: str) -> None:
    application = shim()
    application.write(
        main=f"""
            import multiprocessing
            def work(_):
                import app.database
                app.database.engine
            if __name__ == "__main__":
                children = [multiprocessing.get_context("{method}").Process(target=work, args=(i,)) for i in range(3)]
                for child in children: child.start()
                for child in children: child.join()
        """
    )
    assert application.run("main.py").returncode == 0
    assert counts(application.ledger) == {"main.py:5": 3}


def test_children_of_celerys_pool_write_too(shim: Shim) -> None:
    pytest.importorskip("billiard")
    application = shim()
    application.write(
        main="""
            from billiard import Process
            def work():
                import app.database
                app.database.engine
            if __name__ == "__main__":
                child = Process(target=work)
                child.start()
                child.join()
        """
    )
    done = application.run("main.py")
    assert done.returncode == 0, done.stderr
    assert counts(application.ledger) == {"main.py:5": 1}


def test_a_use_at_interpreter_exit_is_written(shim: Shim) -> None:
    application = shim()
    application.write(
        main="""
            import atexit
            import app.database
            atexit.register(lambda: app.database.engine)
            app.database.engine
        """
    )
    done = application.run("main.py")
    assert counts(application.ledger) == {"main.py:4": 1, "main.py:5": 1}, done.stderr


def test_a_folder_that_cannot_be_written_is_reported_once_and_the_application_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    ledger = Ledger(blocked / "ledger")
    with caplog.at_level(logging.WARNING, "alchemove.ledger"):
        for _ in range(3):
            ledger.count("name", "a.py", 1)
            ledger.write()
    assert len(caplog.records) == 1
    assert "ALCHEMOVE_LEDGER" in caplog.text
    blocked.unlink()
    ledger.end()
    assert counts(blocked / "ledger") == {"a.py:1": 3}


def test_no_temporary_file_is_left_and_none_is_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.count("name", "a.py", 1)
    ledger.end()
    (tmp_path / f".another{SUFFIX}.tmp").write_text("{half")
    assert counts(tmp_path) == {"a.py:1": 1}


def written(folder: Path, *uses: tuple[str, str, int, int, float]) -> None:
    folder.mkdir(exist_ok=True)
    document = {
        "version": 1,
        "uses": [
            {"name": name, "file": file, "line": line, "count": count, "first": last, "last": last}
            for name, file, line, count, last in uses
        ],
    }
    (folder / f"host-{len(list(folder.iterdir()))}{SUFFIX}").write_text(json.dumps(document))


def test_usage_adds_up_the_processes_and_orders_by_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 2, 1.0), ("app.db.engine", "/srv/b.py", 9, 1200, 2.0))
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 5, 4.0))
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split("  last")[0] for line in out] == [
        "app.db.engine  1,200",
        "    /srv/b.py:9  1,200",
        "app.db.get_db  7",
        "    /srv/a.py:3      7",
        "2 legacy names, 2 lines, 1,207 uses, counted by 2 processes",
    ]


def test_usage_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 2, 1.0))
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 5, 4.0))
    assert main([str(tmp_path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [Usage(**use) for use in document["uses"]] == [Usage("app.db.get_db", "/srv/a.py", 3, 7, 2, 1.0, 4.0)]


def test_usage_can_fail_for_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCHEMOVE_LEDGER", str(tmp_path))
    assert main(["--fail-on-use"]) == 0
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 2, 1.0))
    assert main([]) == 0
    assert main(["--fail-on-use"]) == 1
    assert main(["--fail-on-use", "--since", "2d"]) == 0
    assert main(["--fail-on-use", "--since", "1970-01-01"]) in {0, 1}


def test_usage_counts_only_what_was_seen_since(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, ("old", "/srv/a.py", 3, 2, time.time() - 3 * 86400), ("new", "/srv/a.py", 4, 2, time.time()))
    main([str(tmp_path), "--since", "2d"])
    out = capsys.readouterr().out
    assert "new" in out
    assert "old" not in out


def test_usage_without_a_folder_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALCHEMOVE_LEDGER", raising=False)
    assert main([]) == 2
    assert main([str(tmp_path / "missing"), "--fail-on-use"]) == 2
    assert "is no folder" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["--since", "yesterday"])


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "3", '{"version": 1}', '{"version": 1, "uses": [1]}', '{"version": 9, "uses": []}']
)
def test_a_foreign_file_is_named_and_the_others_are_still_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    written(tmp_path, ("app.db.get_db", "/srv/a.py", 3, 2, 1.0))
    (tmp_path / f"foreign{SUFFIX}").write_text(content)
    assert main([str(tmp_path)]) == 2
    out = capsys.readouterr()
    assert "app.db.get_db" in out.out
    assert f"foreign{SUFFIX}" in out.err


def test_the_command_needs_neither_sqlalchemy_nor_the_codemods(application: Application) -> None:
    application.ledger.mkdir()
    application.write(
        main="""
            import sys
            from alchemove.__main__ import main
            status = main(["usage", "--fail-on-use"])
            assert not {"sqlalchemy", "libcst", "rich", "typer", "alchemove_codemods"} & sys.modules.keys()
            sys.exit(status)
        """
    )
    done = application.run("main.py")
    assert (done.returncode, done.stdout) == (0, "No use of a legacy name, in 0 processes.\n"), done.stderr
