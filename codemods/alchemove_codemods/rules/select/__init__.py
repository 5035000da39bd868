"""The ``select`` stage: from ``Query`` to ``select()``."""
