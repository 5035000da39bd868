"""What can go wrong at the edge between an application and its database layer."""

from __future__ import annotations

from sqlalchemy.exc import PendingRollbackError


class SettingsError(ValueError):
    """A setting has a value that cannot work; the message names the variable and never holds the password."""


class UrlError(SettingsError):
    """A database URL that cannot be used, or a query parameter that a driver cannot honour."""


class AlchemoveWarning(UserWarning):
    """Something was asked for that has no effect; the message says what and what to do."""


class SwallowedError(PendingRollbackError):
    """A commit was refused: something was written, and a statement had failed whose exception was swallowed.

    PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and without an error, and so do the drivers: the
    caller would take lost work for saved work.
    """


class TenantError(RuntimeError):
    """A tenant is used where it cannot take effect, or where it would take effect for the wrong rows."""


class ResponseOrderError(RuntimeError):
    """The commit would come after the response, so that a client could be told 200 about a lost write."""


class BridgeError(RuntimeError):
    """Sync code would wait for the event loop that it blocks."""
