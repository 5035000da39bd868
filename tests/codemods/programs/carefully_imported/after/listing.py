"""What imports this file needs SQLAlchemy itself, so that an import above the function changes nothing."""

from sqlalchemy import select


def names(session):
    from sqlalchemy import desc

    from models import Run

    return [run.name for run in session.scalars(select(Run).order_by(desc(Run.id)))]
