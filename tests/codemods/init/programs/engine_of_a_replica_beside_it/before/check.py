from shop import work
from shop.database import Base, engine, read_engine

Base.metadata.create_all(engine)
work.add()
work.add_two()
print(work.add_and_count(), work.read())
work.remove()
print(work.first(), work.read())
Base.metadata.drop_all(engine)
read_engine.dispose()
engine.dispose()
