from database import Base, engine, session
from models import *


def fill(*names):
    Base.metadata.create_all(engine)
    session.add_all([User(name=name) for name in names])
    session.commit()
