from database import db


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    users = db.relationship("User", back_populates="team")

    @classmethod
    def named(cls, name):
        return cls.query.filter_by(name=name).first()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
    team_id = db.Column(db.ForeignKey("team.id"))
    team = db.relationship("Team", back_populates="users")
