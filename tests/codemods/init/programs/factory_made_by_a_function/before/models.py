from database import Base
from sqlalchemy.orm import Mapped, mapped_column


class Hero(Base):
    __tablename__ = "heroes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
