"""split user names

Revision ID: 5b90c7e41fd8
Revises: a84e2d5c6013
Create Date: 2020-07-08 09:02:33

The first word of a name becomes the first name, the rest the last name.
"""

import sqlalchemy as sa
from alembic import op

revision = "5b90c7e41fd8"
down_revision = "a84e2d5c6013"
branch_labels = None
depends_on = None

users = sa.table(
    "users",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("first_name", sa.String),
    sa.column("last_name", sa.String),
)


def upgrade():
    op.add_column("users", sa.Column("first_name", sa.String(100), nullable=False, server_default=""))
    op.add_column("users", sa.Column("last_name", sa.String(100), nullable=False, server_default=""))

    connection = op.get_bind()
    named = sa.select(users.c.id, users.c.name).where(users.c.name != "")
    for user_id, name in connection.execute(named).fetchall():
        first, _, last = " ".join(name.split()).partition(" ")
        connection.execute(
            users.update().where(users.c.id == user_id).values(first_name=first[:100], last_name=last[:100])
        )

    op.drop_column("users", "name")


def downgrade():
    op.add_column("users", sa.Column("name", sa.String(200), nullable=False, server_default=""))
    op.execute(users.update().values(name=sa.func.trim(users.c.first_name + " " + users.c.last_name)))
    op.drop_column("users", "last_name")
    op.drop_column("users", "first_name")
