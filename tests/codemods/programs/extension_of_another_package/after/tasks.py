from sqlalchemy import func, select

from models import Bucket, db


def large(limit):
    return db.session.scalar(select(func.count()).select_from(select(Bucket).where(Bucket.size > limit).subquery()))


def first():
    return db.first_or_404(select(Bucket).filter_by(size=1).limit(1)).id
