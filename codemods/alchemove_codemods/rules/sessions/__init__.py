"""Rules of the stage ``sessions``: what opens, commits and closes a session becomes one block."""
