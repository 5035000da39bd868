"""Write each stage anew: what alchemove makes of the stage before it.

    python app_example/regenerate.py            # writes the folders stage_1_shim, stage_2_select, ...
    python app_example/regenerate.py --check    # writes nothing; exit status 1 if a folder is not what it should be

The work is done on copies in a temporary folder, with the commands that MIGRATION.md tells a
team to run. A patch beside a stage (stage_N_name.patch) would hold what has to be edited by
hand after the command; there is none so far. What the tests of the sync stage load lazily was
recorded before (`lazy_loads.py`).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lazy_loads import KEPT

HERE = Path(__file__).resolve().parent
FIRST = "stage_0_legacy"
STAGES = {
    "stage_1_shim": ("init", "."),
    "stage_2_select": ("rewrite", ".", "--stage", "select"),
    "stage_3_sessions": ("rewrite", ".", "--stage", "sessions"),
    "stage_4_async": ("rewrite", ".", "--stage", "async", "--lazy-loads", str(KEPT)),
}
CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache"}
GENERATED = shutil.ignore_patterns(*CACHES)


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of every file of a stage by its path."""
    if not folder.is_dir():
        return {}
    found = (path for path in folder.rglob("*") if path.is_file() and CACHES.isdisjoint(path.parts))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def generate(workshop: Path) -> dict[str, Path]:
    """Make all stages below an empty folder, each from the one before."""
    made = {}
    before = HERE / FIRST
    for name, command in STAGES.items():
        folder = workshop / name
        shutil.copytree(before, folder, ignore=GENERATED)
        run([sys.executable, "-m", "alchemove", *command], folder)
        patch = HERE / f"{name}.patch"
        if patch.is_file():
            run(["patch", "--strip=1", f"--input={patch}"], folder)
        made[name] = before = folder
    return made


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed with status {done.returncode}:\n{done.stdout}{done.stderr}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if a folder is not current")
    check = parser.parse_args().check
    stale = []
    with tempfile.TemporaryDirectory(prefix="stages-") as workshop:
        for name, folder in generate(Path(workshop)).items():
            new, old = files_of(folder), files_of(HERE / name)
            if new == old:
                continue
            differing = sorted(path for path in new.keys() | old.keys() if new.get(path) != old.get(path))
            stale.append(f"{name}: {', '.join(differing)}")
            if not check:
                shutil.rmtree(HERE / name, ignore_errors=True)
                shutil.copytree(folder, HERE / name, ignore=GENERATED)
    for line in stale:
        print(f"not current: {line}" if check else f"written: {line}")
    if check and stale:
        print("Write them anew with: make example-stages", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
