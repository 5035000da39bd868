"""A session that a middleware opens for each request, and that nothing reads any more, is pointed out.

`get_db(request)` that returns `request.state.db` is a dependency like any other, if a middleware opens that session, closes it behind the request,
and nothing else gets at it:

    @app.middleware("http")
    async def db_session_middleware(request: Request, call_next):
        request.state.db = SessionLocal()
        response = await call_next(request)
        request.state.db.close()
        return response

Once all endpoints have the session of the session module, the middleware opens one for nobody. That costs no connection, as long as nobody uses it.
Remove the middleware, and the functions that return what it kept. It is no site.
"""

from __future__ import annotations

from alchemove_codemods.colours.request_state import KeptSession
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule

_TEXT = "nothing reads the session that this middleware opens for each request any more: remove the middleware, and what returns that session"


@rule("unread-session", stage="async", reasons={"unread-session": _TEXT})
def unread_session(found: KeptSession) -> Finding:
    """What is said of one such middleware."""
    module = found.middleware.module
    line, column = module.source.place(found.call)
    return Finding(module.path, line, column, "unread-session", "refused", "unread-session", _TEXT)
