from __future__ import annotations

from pathlib import Path

import pytest

from alchemove_codemods import config
from alchemove_codemods.stages import Stage
from tests.codemods.shell.conftest import Alchemove, Git, fill

ALL = """
[tool.alchemove]
paths = ["app"]
exclude = ["app/generated/"]
source_roots = ["src", "services/billing"]
session_names = ["ctx.db"]
strict = true
line_length = 100
[tool.alchemove.select]
"""


def test_all_settings_reach_the_engine(folder: Path, git: Git, alchemove: Alchemove, engine) -> None:
    fill(folder / "backend", {"pyproject.toml": ALL, "src/x.py": "", "services/billing/y.py": "", "app/a.py": ""})
    fill(folder / "backend", {"app/generated/z.py": ""})
    assert alchemove("scan", "backend").status == 0
    sources, options, targets = engine.calls[0]
    assert options.source_roots == ("backend/src", "backend/services/billing")
    assert (options.session_names, options.strict, options.stage_options) == (("ctx.db",), True, {})
    assert options.line_length == 100
    assert "backend/app/generated/z.py" in sources
    assert "backend/app/generated/z.py" not in targets


def test_the_nearest_pyproject_with_a_table_counts(folder: Path, git: Git) -> None:
    fill(
        folder, {"pyproject.toml": "[tool.alchemove]\nstrict = true", "a/pyproject.toml": "[tool.other]\nalchemove = 1"}
    )
    fill(folder, {"a/b/x.py": ""})
    assert config.find(folder / "a/b", folder).strict
    assert not config.find(folder / "a/b", folder / "a").strict


def test_strict_on_the_command_line_wins(folder: Path, alchemove: Alchemove, engine) -> None:
    fill(folder, {"a.py": ""})
    alchemove("scan", ".", "--strict")
    assert engine.calls[0][1].strict


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.alchemove]\npath = []",
            "tool.alchemove.path is not known; allowed are async, exclude, line_length, paths, ",
        ),
        ("[tool.alchemove]\npaths = 'app'", "tool.alchemove.paths has to be a list of strings, not a string"),
        (
            "[tool.alchemove]\nexclude = [1]",
            "tool.alchemove.exclude has to be a list of strings, not a list that holds",
        ),
        ("[tool.alchemove]\nstrict = 1", "tool.alchemove.strict has to be true or false, not a number"),
        ("[tool.alchemove]\nselect = 1", "tool.alchemove.select has to be a table, not a number"),
        ("[tool.alchemove.select]\nx = 1", "tool.alchemove.select.x is not known; this table takes no keys yet"),
        ("[tool]\nalchemove = 1", "tool.alchemove has to be a table, not a number"),
        ("[tool.alchemove\n", "is no valid TOML"),
        ("[tool.alchemove]\nsource_roots = ['nowhere']", "source_roots: 'nowhere' is no folder below"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(
    folder: Path, alchemove: Alchemove, text: str, message: str
) -> None:
    fill(folder, {"pyproject.toml": text, "a.py": ""})
    done = alchemove("scan", ".")
    assert done.status == 2
    assert message in done.err
    assert str(folder / "pyproject.toml") in done.err


def test_stage_options_are_checked_against_what_the_stage_declares(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage("select", "", {"deep": bool})
    monkeypatch.setattr(config, "STAGES", {"select": stage})
    fill(folder, {"pyproject.toml": "[tool.alchemove.select]\ndeep = true"})
    assert config.load(folder / "pyproject.toml").options("select", folder)["stage_options"] == {"deep": True}
    fill(folder, {"pyproject.toml": "[tool.alchemove.select]\ndeep = 'yes'"})
    with pytest.raises(config.WrongConfig, match=r"select\.deep has to be true or false, not a string"):
        config.load(folder / "pyproject.toml")


def test_a_named_file_without_a_table_is_an_error(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {"other.toml": "", "a.py": ""})
    assert "has no table [tool.alchemove]" in alchemove("scan", ".", "--config", "other.toml").err
