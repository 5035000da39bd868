"""A legacy application in a folder of its own, run as a program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

COMPAT = Path(__file__).parents[3] / "compat"


class Application:
    """Files in a folder, and programs that run there in a process of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"

    def write(self, **files: str) -> None:
        """Write ``name=text``; a double underscore in the name is a folder: ``app__database`` is app/database.py."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent != self.folder:
                (path.parent / "__init__.py").touch()
            path.write_text(dedent(text))

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
        path = os.pathsep.join([str(COMPAT), str(self.folder)])
        return {**inherited, "PYTHONPATH": path, "ALCHEMOVE_LEDGER": str(self.ledger), **variables}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def application(tmp_path: Path) -> Application:
    return Application(tmp_path)


@pytest.fixture
def shim(application: Application) -> Callable[[], Application]:
    """An application whose ``app.database`` exports two legacy names."""

    def write() -> Application:
        application.write(
            app__database="""
                from alchemove.deprecated import deprecated_exports

                LIMIT = 10
                _private = 1

                def _get_db():
                    yield "session"

                deprecated_exports(__name__, {
                    "get_db": (_get_db, "app.db.session.get_session"),
                    "engine": ("app.real:engine", "app.db.session.database.sync_engine"),
                })
            """,
            app__real="engine = 'the engine'\n",
        )
        return application

    return write
