import subprocess
import sys
from pathlib import Path

from api import app


def requests(client):
    yield client.get("/me?name=ada")
    options = ["-q", "-W", "error::RuntimeWarning", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", ".", "-c", "/dev/null", "tests"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    # Deprecated names are warned about before, and not afterwards.
    yield ran.stdout.splitlines()[-1].split(" in ")[0].split(",")[0]
