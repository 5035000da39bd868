"""Run the tests of the FastAPI dependency on the versions of FastAPI between which its behaviour differs.

    python tests/fastapi_matrix.py [VERSION ...]

Each version gets a virtual environment of its own below the temporary directory, which a second run uses again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("0.95.2", "0.105.0", "0.106.0", "0.115.14", "0.117.1", "0.118.3", "0.120.4", "0.121.3")
TOOLS = ("sqlalchemy[asyncio]", "asyncpg", "psycopg2-binary", "pytest", "pytest-asyncio", "pytest-timeout")
# Newer releases of httpx no longer fit the test client of the older releases of starlette.
CLIENT = "httpx<0.28"


def environment(version: str) -> Path:
    """The interpreter of an environment with this FastAPI."""
    folder = Path(tempfile.gettempdir()) / f"alchemove-fastapi-{version}"
    python = folder / "bin" / "python"
    done = folder / ".complete"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, f"fastapi=={version}", CLIENT, *TOOLS], check=True)
        done.touch()
    return python


def main(versions: list[str]) -> int:
    """Exit status 1 if any version fails."""
    failed: list[str] = []
    for version in versions:
        print(f"FastAPI {version}", flush=True)
        command = [str(environment(version)), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
        done = subprocess.run(
            [*command, "tests/compat/sessions/test_fastapi.py"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "compat")},
            check=False,
        )
        if done.returncode:
            failed.append(version)
    print(f"FastAPI {', '.join(failed)} failed" if failed else f"all of FastAPI {', '.join(versions)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or list(VERSIONS)))
