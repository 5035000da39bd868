import subprocess
import sys
from pathlib import Path

from observers import observer_of

MISSING = "import sys; sys.modules['sqlalchemy'] = None; from observers import observer_of; print(observer_of('text').names())"


def main():
    there = observer_of("sql")
    there.started("ed")
    there.started("jo")
    folder = Path(__file__).parent
    elsewhere = subprocess.run([sys.executable, "-c", MISSING], cwd=folder, capture_output=True, text=True)
    return there.names(), there.number(), elsewhere.returncode, elsewhere.stdout
