from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_pre_commit_hooks_install_what_the_extra_needs() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    listed = [re.findall(r'"([^"]+)"', line) for line in hooks.splitlines() if "additional_dependencies" in line]
    assert listed == [PROJECT["optional-dependencies"]["codemods"]] * 2


def test_locked_versions_name_no_index_and_no_path() -> None:
    for file in (ROOT / "requirements").iterdir():
        assert not re.search(r"://|--index|--find-links|(?m:^\s*/)|file:", file.read_text()), file


def test_every_dependency_of_the_project_is_locked() -> None:
    wanted = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    names = {re.split(r"[\[<>=; ]", each)[0] for each in wanted} - {"alchemove"}
    for lock in ("dev.txt", "dev-sqlalchemy21.txt"):
        locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", (ROOT / "requirements" / lock).read_text()))
        # tomli is for Python 3.10, which SQLAlchemy 2.1 does not support.
        assert names - locked <= {"tomli"}, f"{lock} lacks {names - locked}: make lock"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_both_packages_with_their_types_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        scripts = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {"alchemove/py.typed", "alchemove_codemods/py.typed", "alchemove_codemods/report/sarif.py"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"alchemove", "alchemove_codemods"}
    assert "alchemove = alchemove.__main__:main" in scripts
