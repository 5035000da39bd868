"""Customer chat backend."""

__version__ = "1.14.2"
