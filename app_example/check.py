"""Run the common tests on every stage, and compare the stages: what `make test-example` does.

    python app_example/check.py             # all stages
    python app_example/check.py 0 1         # only these, compared with each other

For each stage: the tests pass; what they send to the database is what the stage before sent
(`alchemove verify`); and the number of legacy sites and uses is what MIGRATION.md says. The
async stage may load eagerly what was loaded lazily (`--allow-eager`), it must load nothing lazily,
not even inside `run_sync`, in a Celery task or in the seed (`--forbid-lazy-loads`), and mypy finds
nothing in it that it does not find in the stage before: no coroutine that nobody awaits, for one.
The recording of lazy loads that it is made with has to be current.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from lazy_loads import KEPT, RECORDED, kept
from stages import HERE, stage_folder

ROOT = HERE.parent
RESULTS = ROOT / "build" / "example"
ASYNC = "_async"
ERROR = re.compile(r"^([^:\n]+):\d+: error: .*\[([a-z-]+)\]$", re.MULTILINE)
ROW = re.compile(r"^\| `(stage_\w+)` \| (\d+) \| (\d+) \|", re.MULTILINE)


def alchemove(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "alchemove", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def run_tests(folder: Path) -> bool:
    """The suite on one stage, with a recording of its SQL and a ledger of its legacy uses."""
    ledger = RESULTS / f"{folder.name}.ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    ledger.mkdir(parents=True)
    print(f"\n== The tests of the example on {folder.name}", flush=True)
    command = [sys.executable, "-m", "pytest", "--quiet", "-n", "2", "-c", "app_example/pytest.ini"]
    # a coroutine that nobody awaits is told by a RuntimeWarning
    command += ["-W", "error::RuntimeWarning"]
    command += ["app_example/tests", "--record-sql", str(RESULTS / f"{folder.name}.json")]
    if folder.name.endswith(ASYNC):
        command += ["--forbid-lazy-loads"]
    if folder.name == RECORDED:
        command += ["--record-lazy-loads", str(recording(folder))]
    environment = {**os.environ, "STAGE": str(folder), "ALCHEMOVE_LEDGER": str(ledger)}
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def recording(folder: Path) -> Path:
    """Where the lazy loads of a stage are recorded."""
    return RESULTS / f"{folder.name}.lazy.json"


def becomes_async(before: Path, after: Path) -> bool:
    return not before.name.endswith(ASYNC) and after.name.endswith(ASYNC)


def same_sql(before: Path, after: Path) -> bool:
    options = ["--allow-eager"] if becomes_async(before, after) else []
    recordings = [str(RESULTS / f"{folder.name}.json") for folder in (before, after)]
    done = alchemove("verify", *options, *recordings)
    print(done.stdout.strip().rsplit("\n\n", 1)[-1] if done.returncode == 0 else done.stdout + done.stderr)
    return done.returncode == 0


def type_errors(folder: Path) -> Counter[tuple[str, str]]:
    """What mypy finds, by file and kind; the legacy application never was without."""
    command = [sys.executable, "-m", "mypy", "--strict", "--enable-error-code", "unused-awaitable", "--config-file="]
    command += ["--explicit-package-bases", "--cache-dir", str(RESULTS / "mypy"), "-p", "app"]
    paths = os.pathsep.join([str(ROOT / "compat"), str(folder)])
    done = subprocess.run(command, cwd=folder, env={**os.environ, "MYPYPATH": paths}, capture_output=True, text=True)
    found = Counter(ERROR.findall(done.stdout))
    if done.returncode > 1 or bool(done.returncode) != bool(found):
        raise SystemExit(f"mypy could not check {folder}:\n{done.stdout}{done.stderr}")
    return found


def legacy_sites(folder: Path) -> int:
    """How many places of legacy Query code `alchemove scan` finds."""
    return json.loads(alchemove("scan", str(folder), "--format", "json").stdout)["sites"]["found"]


def legacy_uses(folder: Path) -> int:
    """How many lines of the application used a name of the shim during the tests."""
    report = json.loads(alchemove("usage", str(RESULTS / f"{folder.name}.ledger"), "--format", "json").stdout)
    inside = f"{folder.relative_to(ROOT).as_posix()}/app/" if folder.is_relative_to(ROOT) else f"{folder}/app/"
    return len({(use["file"], use["line"], use["name"]) for use in report["uses"] if inside in use["file"]})


def main() -> int:
    chosen = sys.argv[1:] or [
        path.name.removeprefix("stage_") for path in sorted(HERE.glob("stage_*")) if path.is_dir()
    ]
    folders = [stage_folder(each) for each in chosen]
    promised = {name: (int(sites), int(uses)) for name, sites, uses in ROW.findall((ROOT / "MIGRATION.md").read_text())}
    failures = []
    for number, folder in enumerate(folders):
        if not run_tests(folder):
            failures.append(f"{folder.name}: tests failed")
            continue
        if folder.name == RECORDED and kept(recording(folder)) != KEPT.read_text(encoding="utf-8"):
            wanted = f"python app_example/lazy_loads.py {recording(folder).relative_to(ROOT)}"
            failures.append(f"{folder.name}: {KEPT.name} is not current; write it anew with: {wanted}")
        if number and not same_sql(folders[number - 1], folder):
            failures.append(f"{folder.name}: sends other SQL than {folders[number - 1].name}")
        if number and becomes_async(folders[number - 1], folder):
            more = type_errors(folder) - type_errors(folders[number - 1])
            failures += [f"{folder.name}: mypy finds {kind} in {path}" for path, kind in more]
        found = (legacy_sites(folder), legacy_uses(folder))
        print(f"{found[0]} legacy sites, {found[1]} lines that use the shim")
        if folder.name in promised and promised[folder.name] != found:
            failures.append(f"{folder.name}: MIGRATION.md says {promised[folder.name]}, found {found}")
    print("\n" + ("\n".join(failures) if failures else f"{len(folders)} stages: all tests pass, the SQL is the same"))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
