"""Which stage of the example is meant by `STAGE`: `0`, `0_legacy`, or the path of a folder."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
MIGRATIONS = HERE.parent / "migrations" / "alembic.ini"


def stage_folder(stage: str) -> Path:
    """The folder of a stage, the one that holds the package `app`."""
    candidates = [Path(stage), HERE / f"stage_{stage}", *sorted(HERE.glob(f"stage_{stage}_*"))]
    for candidate in candidates:
        if (candidate / "app" / "__init__.py").is_file():
            return candidate.resolve()
    known = ", ".join(sorted(path.name[len("stage_") :] for path in HERE.glob("stage_*")))
    raise SystemExit(f"STAGE={stage}: no such stage. Give the path of a folder with an app in it, or one of: {known}")
