from typing import List, Optional

from app.models import Tenant, User
from app.repositories.base import BaseRepository


class TenantRepository(BaseRepository[Tenant]):
    model = Tenant

    def get_by_slug(self, slug: str) -> Optional[Tenant]:
        return Tenant.by_slug(self.session, slug)

    def active(self, plans: Optional[List[str]] = None) -> List[Tenant]:
        query = self.session.query(Tenant).filter(Tenant.is_active.is_(True))
        if plans:
            query = query.filter(Tenant.plan.in_(plans))
        return query.order_by(Tenant.slug).all()

    def deactivate(self, tenant: Tenant) -> int:
        """Deactivate the tenant and all its users; returns how many users."""
        tenant.is_active = False
        return (
            self.session.query(User)
            .filter(User.tenant_id == tenant.id, User.is_active.is_(True))
            .update({"is_active": False}, synchronize_session="fetch")
        )
