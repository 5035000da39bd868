"""Names that have moved, and some that depend."""

import os
import warnings


def __getattr__(name: str):
    if name == "Person":
        from registry import User as _User

        warnings.warn("Person is called User", DeprecationWarning, stacklevel=2)
        return _User
    if name == "Any":
        import registry

        if os.environ.get("ANY"):
            return registry.User
        return registry.User.name
    for prefix in ("Old", "Very"):
        if name.startswith(prefix):
            import shop

            return shop.Item
    raise AttributeError(name)
