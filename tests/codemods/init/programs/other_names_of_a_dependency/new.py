from shop.db.session import engine, get_sync_session
from shop.items import Item
from sqlalchemy import func, select

Item.metadata.create_all(engine)
with get_sync_session() as session:
    print(session.scalar(select(func.count(Item.id))), session.autoflush)
Item.metadata.drop_all(engine)
