"""What an application imports while it moves to SQLAlchemy 2.0."""
