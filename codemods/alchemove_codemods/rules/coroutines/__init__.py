"""Rules of the ``async`` stage."""
