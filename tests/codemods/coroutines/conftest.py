from __future__ import annotations

collect_ignore = ["programs", "generated"]  # programs to rewrite, some with tests of their own
