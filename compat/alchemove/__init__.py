"""What an application imports while it moves to SQLAlchemy 2.0.

Names are imported when they are used, so that an application pays for no optional dependency that it does not have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alchemove.database import Database as Database
    from alchemove.errors import AlchemoveWarning as AlchemoveWarning
    from alchemove.errors import BridgeError as BridgeError
    from alchemove.errors import ResponseOrderError as ResponseOrderError
    from alchemove.errors import SettingsError as SettingsError
    from alchemove.errors import SwallowedError as SwallowedError
    from alchemove.errors import TenantError as TenantError
    from alchemove.errors import UrlError as UrlError
    from alchemove.health import Health as Health
    from alchemove.settings import Settings as Settings
    from alchemove.tenants import current_tenant as current_tenant
    from alchemove.tenants import disable_row_security as disable_row_security
    from alchemove.tenants import enable_row_security as enable_row_security
    from alchemove.tenants import set_current_tenant as set_current_tenant
    from alchemove.tenants import tenant_scope as tenant_scope

_HOMES = {
    "AlchemoveWarning": "errors",
    "BridgeError": "errors",
    "Database": "database",
    "Health": "health",
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

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'alchemove' has no attribute {name!r}")
    value = getattr(import_module(f"alchemove.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
