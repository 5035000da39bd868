from __future__ import annotations

collect_ignore = ["programs"]  # programs to rewrite, some with tests of their own
