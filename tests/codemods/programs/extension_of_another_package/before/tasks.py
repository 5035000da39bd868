from models import Bucket


def large(limit):
    return Bucket.query.filter(Bucket.size > limit).count()


def first():
    return Bucket.query.filter_by(size=1).first_or_404().id
