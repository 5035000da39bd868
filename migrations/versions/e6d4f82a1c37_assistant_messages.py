"""assistant messages

Revision ID: e6d4f82a1c37
Revises: 71e3b0c9a5f6
Create Date: 2023-09-04 08:47:42
"""

import sqlalchemy as sa
from alembic import op

revision = "e6d4f82a1c37"
down_revision = "71e3b0c9a5f6"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "assistant_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("store_key", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint(
            "store_key",
            "position",
            name="uq_assistant_messages_key_position",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_assistant_messages_store_key", "assistant_messages", ["store_key"])


def downgrade():
    op.drop_table("assistant_messages")
