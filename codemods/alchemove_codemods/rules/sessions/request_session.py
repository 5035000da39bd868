"""request-session: the dependency that opens the session of a request is pointed out, and stays.

    def get_db():                                  # stays: the stage 'async' gives endpoints the session of the session module
        db = SessionLocal()
        try:
            yield db
        finally:
            db.close()

FastAPI calls it for each request, and whoever gets the session commits. It is no site: this stage has nothing to do there. A context manager that does the same
for code without a request is one (`explain session-manager`).
"""

from __future__ import annotations

from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule


@rule(
    "request-session",
    stage="sessions",
    reasons={
        "session-dependency": "FastAPI opens this session for each request, and whoever gets it commits. Nothing has to be done here: the stage 'async' gives endpoints the session of the session module instead.",
    },
)
def request_session(opening: Opening, text: str) -> Finding:
    """What is said of one such session; *text* is that of the reason."""
    module = opening.function.module
    line, column = module.source.place(opening.call)
    message = f"{text} [{opening.function.name}]"
    return Finding(module.path, line, column, "request-session", "refused", "session-dependency", message)
