"""A revision of Alembic."""

from helpers import count_tags

revision = "1"
down_revision = None


def upgrade(session):  # stays: revision
    return count_tags(session)
