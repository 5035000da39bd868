from invenio_db import db


class Bucket(db.Model):
    __tablename__ = "buckets"
    id = db.Column(db.Integer, primary_key=True)
    size = db.Column(db.Integer)

    @classmethod
    def sizes(cls):
        return [size for size, in db.session.execute(db.select(cls.size).order_by(cls.id))]
