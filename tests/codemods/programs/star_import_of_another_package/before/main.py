import sys
from types import ModuleType

import package
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

sys.modules["elsewhere"] = ModuleType("elsewhere")

import service
import stays


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    package.Base.metadata.create_all(engine)
    with Session(engine) as session:
        service.add(session, "a")
        return service.numbers(session), stays.numbers(session)
