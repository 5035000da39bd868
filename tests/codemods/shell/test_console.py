from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

import alchemove.__main__ as console

ROOT = Path(__file__).parents[3]


def test_without_the_extra_the_command_names_the_install_command(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env/bin/python"
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT / 'compat')!r}, {str(ROOT / 'codemods')!r}];"
        "import runpy; sys.argv = ['alchemove', 'scan', '.']; runpy.run_module('alchemove', run_name='__main__')"
    )
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'python -m pip install "alchemove[codemods]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_console_script_scans(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alchemove", "scan", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["usage", "verify"])
def test_commands_of_the_runtime_half_are_handed_on(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        console.main([command, "--help"])
    assert stop.value.code == 0
    assert f"alchemove {command}" in capsys.readouterr().out


def test_starting_imports_nothing_that_is_slow(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    program = (
        "import sys; from alchemove.__main__ import main; main(['rewrite', sys.argv[1], '--stage', 'select', '--no-cache']);"
        "print(sorted({'sqlalchemy', 'rich', 'typer', 'tomllib', 'importlib.metadata', 'asyncio', 'libcst'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
