"""What SQLAlchemy 2.0 removed besides Query; part of the ``select`` stage, which needs all of it to reach 2.x."""
