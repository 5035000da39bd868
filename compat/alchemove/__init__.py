"""What an application imports while it moves to SQLAlchemy 2.0.

Names are imported when they are used, so that an application pays for no optional dependency that it does not have.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alchemove import lazy_loads as lazy_loads
    from alchemove.bridge import as_sync as as_sync
    from alchemove.database import Database as Database
    from alchemove.default import default_database as default_database
    from alchemove.default import use_database as use_database
    from alchemove.dependency import CommitRoute as CommitRoute
    from alchemove.dependency import SessionDep as SessionDep
    from alchemove.dependency import commit_before_response as commit_before_response
    from alchemove.dependency import get_session as get_session
    from alchemove.dependency import session_depends as session_depends
    from alchemove.deprecated import AlchemoveDeprecationWarning as AlchemoveDeprecationWarning
    from alchemove.deprecated import Legacy as Legacy
    from alchemove.deprecated import deprecated_exports as deprecated_exports
    from alchemove.errors import AlchemoveWarning as AlchemoveWarning
    from alchemove.errors import BridgeError as BridgeError
    from alchemove.errors import ResponseOrderError as ResponseOrderError
    from alchemove.errors import SettingsError as SettingsError
    from alchemove.errors import SwallowedError as SwallowedError
    from alchemove.errors import TenantError as TenantError
    from alchemove.errors import UrlError as UrlError
    from alchemove.greenlets import after_request as after_request
    from alchemove.greenlets import run_sync as run_sync
    from alchemove.health import Health as Health
    from alchemove.overrides import async_session as async_session
    from alchemove.overrides import session_override as session_override
    from alchemove.reading import loaded as loaded
    from alchemove.reloading import rollback_and_reload as rollback_and_reload
    from alchemove.session_block import discard_uncommitted as discard_uncommitted
    from alchemove.settings import Settings as Settings
    from alchemove.shim import LegacyDatabase as LegacyDatabase
    from alchemove.tenants import current_tenant as current_tenant
    from alchemove.tenants import disable_row_security as disable_row_security
    from alchemove.tenants import enable_row_security as enable_row_security
    from alchemove.tenants import set_current_tenant as set_current_tenant
    from alchemove.tenants import tenant_scope as tenant_scope

_HOMES = {
    "AlchemoveDeprecationWarning": "deprecated",
    "Legacy": "deprecated",
    "LegacyDatabase": "shim",
    "deprecated_exports": "deprecated",
    "CommitRoute": "dependency",
    "SessionDep": "dependency",
    "as_sync": "bridge",
    "async_session": "overrides",
    "commit_before_response": "dependency",
    "default_database": "default",
    "discard_uncommitted": "session_block",
    "get_session": "dependency",
    "loaded": "reading",
    "rollback_and_reload": "reloading",
    "session_depends": "dependency",
    "session_override": "overrides",
    "use_database": "default",
    "AlchemoveWarning": "errors",
    "BridgeError": "errors",
    "Database": "database",
    "Health": "health",
    "after_request": "greenlets",
    "run_sync": "greenlets",
    "ResponseOrderError": "errors",
    "Settings": "settings",
    "SettingsError": "errors",
    "SwallowedError": "errors",
    "TenantError": "errors",
    "UrlError": "errors",
    "current_tenant": "tenants",
    "disable_row_security": "tenants",
    "enable_row_security": "tenants",
    "set_current_tenant": "tenants",
    "tenant_scope": "tenants",
}
# ``alchemove.lazy_loads.forbid()`` works without an import of its own.
_MODULES = frozenset({"lazy_loads"})

# Homes that need an optional dependency; without it, "import *" must not ask for them.
_NEEDS = {"bridge": "anyio", "dependency": "fastapi"}
_MISSING = {home for home, package in _NEEDS.items() if find_spec(package) is None}

__all__ = [name for name in sorted(_HOMES) if _HOMES[name] not in _MISSING]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"alchemove.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'alchemove' has no attribute {name!r}")
    value = getattr(import_module(f"alchemove.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
