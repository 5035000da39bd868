"""Commands for operators.

python -m app.cli create-tenant acme "Acme Ltd" ada@acme.example
python -m app.cli tenants
"""

import argparse
import sys

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.db.session import get_sync_session
from app.models import Tenant, User, UserRole


def create_tenant(slug, name, email):
    """Create a tenant with its first administrator."""
    try:
        with get_sync_session() as db:
            tenant = Tenant(slug=slug, name=name)
            db.add(tenant)
            db.flush()
            db.add(User(tenant_id=tenant.id, email=email, role=UserRole.ADMIN))
    except IntegrityError:
        print("There is a tenant %s already" % slug, file=sys.stderr)
        return 1
    print("Created %s" % slug)
    return 0


def list_tenants():
    rows = (
        select(Tenant, func.count(User.id))
        .outerjoin(Tenant.users)
        .group_by(Tenant.id)
        .order_by(Tenant.slug)
    )
    with get_sync_session() as db:
        for tenant, users in db.execute(rows):
            print("%-20s %-8s %d users" % (tenant.slug, tenant.plan, users))
    return 0


def main(argv=None):
    parser = argparse.ArgumentParser(prog="app.cli")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create-tenant")
    create.add_argument("slug")
    create.add_argument("name")
    create.add_argument("email")
    commands.add_parser("tenants")
    args = parser.parse_args(argv)
    if args.command == "create-tenant":
        return create_tenant(args.slug, args.name, args.email)
    return list_tenants()


if __name__ == "__main__":
    sys.exit(main())
