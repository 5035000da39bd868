from shop.database import Base, db
from shop.models import Item

Base.metadata.drop_all(db.engine)
Base.metadata.create_all(db.engine)
with db.session() as session:
    session.add(Item(title="one"))
with db.session() as session:
    print([item.title for item in session.query(Item)])
db.engine.dispose()
