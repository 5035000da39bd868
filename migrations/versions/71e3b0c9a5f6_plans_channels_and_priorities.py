"""plans, channels and priorities

Revision ID: 71e3b0c9a5f6
Revises: d27f6a1b8e94
Create Date: 2022-05-12 11:31:09
"""

import sqlalchemy as sa
from alembic import op

revision = "71e3b0c9a5f6"
down_revision = "d27f6a1b8e94"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("tenants", sa.Column("plan", sa.String(20), nullable=False, server_default="free"))
    op.add_column("tenants", sa.Column("settings", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("chat_sessions", sa.Column("channel", sa.String(20), nullable=False, server_default="web"))
    op.add_column("chat_sessions", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("extra", sa.JSON(), nullable=False, server_default="{}"))


def downgrade():
    op.drop_column("messages", "extra")
    op.drop_column("chat_sessions", "priority")
    op.drop_column("chat_sessions", "channel")
    op.drop_column("tenants", "settings")
    op.drop_column("tenants", "plan")
