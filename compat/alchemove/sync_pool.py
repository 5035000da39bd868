"""The connection pool of the sync engine."""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool


class SyncPool(QueuePool):
    """SQLAlchemy's queue pool, which also closes what comes back after `dispose`.

    The plain one puts such a connection into the queue of the discarded pool, where it stays open until a garbage
    collection finds it.
    """

    def __init__(self, creator: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(creator, *args, **kwargs)
        self._disposed = False

    def dispose(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._disposed = True
        super().dispose()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if self._disposed:
            record.close()
        else:
            super()._do_return_conn(record)
