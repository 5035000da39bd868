"""What the tests of the last sync stage load lazily: the recording that the stage `async` is made with.

    python app_example/check.py 3_sessions                                  # records it
    python app_example/lazy_loads.py build/example/stage_3_sessions.lazy.json   # keeps what matters of it

A recording by `pytest --record-lazy-loads` also has numbers, the names of the tests and advice, which differ from run to
run or are for people; what is kept is the same each time.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RECORDED = "stage_3_sessions"
KEPT = HERE / f"{RECORDED}.lazy_loads.json"


def kept(recording: Path) -> str:
    """What matters of a recording, as it is kept."""
    document = json.loads(recording.read_text(encoding="utf-8"))
    loads = {json.dumps(_of(each), sort_keys=True) for each in document["loads"]}
    lines = ",\n  ".join(sorted(loads))
    return f'{{"version": {document["version"]}, "loads": [\n  {lines}\n]}}\n'


def _of(each: dict[str, Any]) -> dict[str, Any]:
    found = {name: each[name] for name in ("kind", "partly", "queried", "file", "line", "function")}
    path = [{"class": step["class"], "attribute": step["attribute"]} for step in each["path"]]
    origin = each["origin"] and {name: each["origin"][name] for name in ("file", "line", "function")}
    return {**found, "path": path, "origin": origin}


if __name__ == "__main__":
    KEPT.write_text(kept(Path(sys.argv[1])), encoding="utf-8")
    print(f"written: {KEPT}")
