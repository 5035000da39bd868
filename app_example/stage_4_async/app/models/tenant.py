from sqlalchemy import JSON, Boolean, Column, Integer, String, select, text
from sqlalchemy.orm import relationship

from app.db.session import Base
from app.models.mixins import TimestampMixin


class Tenant(TimestampMixin, Base):
    __tablename__ = "tenants"

    id = Column(Integer, primary_key=True)
    slug = Column(String(60), unique=True, nullable=False, index=True)
    name = Column(String(200), nullable=False)
    plan = Column(String(20), nullable=False, default="free", server_default="free")
    is_active = Column(
        Boolean, nullable=False, default=True, server_default=text("true")
    )
    settings = Column(JSON, nullable=False, default=dict, server_default="{}")

    users = relationship("User", back_populates="tenant", cascade="all, delete-orphan")

    def __repr__(self):
        return "<Tenant %s>" % self.slug

    @classmethod
    def by_slug(cls, db, slug):
        return db.scalars(select(cls).where(cls.slug == slug).limit(1)).first()
