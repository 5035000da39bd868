import os


def load() -> None:
    """What python-dotenv does."""
    os.environ.setdefault("LABEL", "loaded")
