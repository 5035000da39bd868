from fastapi import APIRouter, Depends

from app.api.deps import get_active_tenant
from app.db.session import SessionDep
from app.models import Tenant
from app.services.statistics import StatisticsService

router = APIRouter()


def get_statistics(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
) -> StatisticsService:
    return StatisticsService(db, tenant.id)


@router.get("/overview")
async def overview(service: StatisticsService = Depends(get_statistics)):
    return {**await service.overview(), "by_status": await service.by_status()}


@router.get("/agents")
async def agents(service: StatisticsService = Depends(get_statistics)):
    return await service.agents()


@router.get("/daily")
async def daily(days: int = 7, service: StatisticsService = Depends(get_statistics)):
    return await service.daily(days)


@router.get("/busy-customers")
async def busy_customers(
    minimum: int = 2, service: StatisticsService = Depends(get_statistics)
):
    return await service.busy_customers(minimum)


@router.get("/unanswered")
async def unanswered(service: StatisticsService = Depends(get_statistics)):
    return await service.unanswered()


@router.get("/activity")
async def activity(limit: int = 20, service: StatisticsService = Depends(get_statistics)):
    return await service.activity(limit)
