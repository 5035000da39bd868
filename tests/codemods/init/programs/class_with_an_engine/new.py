from shop.database import Base, db
from shop.db.session import database, get_sync_session
from shop.models import Item
from sqlalchemy import select

Base.metadata.drop_all(db.engine)
Base.metadata.create_all(db.engine)
with get_sync_session() as session:
    session.add(Item(title="new"))
with db.session() as session:
    print(session.scalars(select(Item.title)).all())
print(database.sync_engine is db.engine)
