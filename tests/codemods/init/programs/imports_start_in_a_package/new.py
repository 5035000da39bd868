import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "server"))
from shop import models
from shop.db.session import engine, get_sync_session
from sqlalchemy import func, select

models.Item.metadata.create_all(engine)
with get_sync_session() as session:
    print(session.scalar(select(func.count(models.Item.id))), session.autoflush)
models.Item.metadata.drop_all(engine)
