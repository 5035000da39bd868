from database import db


class Plan(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    label = db.Column(db.String(20))
