import sqlalchemy as sa

import db


def total() -> int:
    with db.db_engine.connect() as connection:
        return connection.execute(sa.text("SELECT 2 + 3")).scalar_one()
