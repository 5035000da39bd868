from shop import models

from shop.db.session import Base, engine, get_sync_session
from sqlalchemy import func, select

Base.metadata.create_all(engine)
with get_sync_session() as session:
    session.add(models.Item())
with get_sync_session() as session:
    print(session.scalar(select(func.count(models.Item.id))), session.autoflush)
Base.metadata.drop_all(engine)
