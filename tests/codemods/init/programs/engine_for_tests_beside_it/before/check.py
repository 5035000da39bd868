from sqlalchemy import func, select

from shop import models
from shop.database import Base, SessionLocal, engine
from shop.tests.helpers import prepared

Base.metadata.create_all(engine)
with SessionLocal() as db:
    db.add(models.Item())
    db.commit()
    print(db.scalar(select(func.count(models.Item.id))))
with prepared() as db:
    print(db.scalar(select(func.count(models.Item.id))), db.autoflush)
Base.metadata.drop_all(engine)
engine.dispose()
