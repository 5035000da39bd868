from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.api.deps import get_active_tenant
from app.database import get_db
from app.models import Tenant
from app.services.statistics import StatisticsService

router = APIRouter()


def get_statistics(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
) -> StatisticsService:
    return StatisticsService(db, tenant.id)


@router.get("/overview")
def overview(service: StatisticsService = Depends(get_statistics)):
    return {**service.overview(), "by_status": service.by_status()}


@router.get("/agents")
def agents(service: StatisticsService = Depends(get_statistics)):
    return service.agents()


@router.get("/daily")
def daily(days: int = 7, service: StatisticsService = Depends(get_statistics)):
    return service.daily(days)


@router.get("/busy-customers")
def busy_customers(
    minimum: int = 2, service: StatisticsService = Depends(get_statistics)
):
    return service.busy_customers(minimum)


@router.get("/unanswered")
def unanswered(service: StatisticsService = Depends(get_statistics)):
    return service.unanswered()


@router.get("/activity")
def activity(limit: int = 20, service: StatisticsService = Depends(get_statistics)):
    return service.activity(limit)
