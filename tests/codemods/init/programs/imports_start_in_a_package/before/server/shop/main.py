from shop import models

from .database import engine
from .routers import items


def run():
    models.Base.metadata.create_all(engine)
    print(items.count())
    models.Base.metadata.drop_all(engine)
    engine.dispose()
