from .database import engine
from .routers import books

print(engine.url, books.db)
