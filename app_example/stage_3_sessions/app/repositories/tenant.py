from typing import List, Optional

from sqlalchemy import select, update

from app.models import Tenant, User
from app.repositories.base import BaseRepository


class TenantRepository(BaseRepository[Tenant]):
    model = Tenant

    def get_by_slug(self, slug: str) -> Optional[Tenant]:
        return Tenant.by_slug(self.session, slug)

    def active(self, plans: Optional[List[str]] = None) -> List[Tenant]:
        query = select(Tenant).where(Tenant.is_active.is_(True))
        if plans:
            query = query.where(Tenant.plan.in_(plans))
        return self.session.scalars(query.order_by(Tenant.slug)).all()

    def deactivate(self, tenant: Tenant) -> int:
        """Deactivate the tenant and all its users; returns how many users."""
        tenant.is_active = False
        return self.session.execute(
            update(User)
            .where(User.tenant_id == tenant.id, User.is_active.is_(True))
            .values({"is_active": False})
            .execution_options(synchronize_session="fetch")
        ).rowcount
