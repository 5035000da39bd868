"""The console script ``alchemove``."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

MISSING = """\
alchemove: error: rewriting and scanning need the extra `codemods`, which is not installed. Install it with:

    python -m pip install "alchemove[codemods]"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``alchemove COMMAND ...``.

    ``usage`` and ``verify`` belong to the runtime half and need nothing else; every other command belongs to the
    codemods, whose libraries an application does not have to install.

    Args:
        arguments: those of the command line, without the program's name; default ``sys.argv[1:]``.

    Returns:
        The exit status; 2 if the extra is missing.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    match given:
        case ["usage", *rest]:
            from alchemove import usage

            return usage.main(rest)
        case ["verify", *rest]:
            from alchemove import verify

            return verify.main(rest)
        case _:
            if any(importlib.util.find_spec(name) is None for name in ("rich", "pathspec", "platformdirs")):
                sys.stderr.write(MISSING)
                return 2
            from alchemove_codemods import cli

            if arguments is not None:
                return int(cli.main(given))
            # A run builds millions of objects that are needed until it ends: neither looking for garbage among them
            # nor taking them apart one by one is worth its time.
            gc.disable()
            return _leave(int(cli.main(given)))


def _leave(status: int) -> NoReturn:
    """End the process at once, as it is: everything is written when the command returns."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
