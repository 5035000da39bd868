from ..database import get_db

db = next(get_db())
