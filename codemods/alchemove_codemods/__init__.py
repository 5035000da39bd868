"""The command line tool that rewrites legacy SQLAlchemy code."""
