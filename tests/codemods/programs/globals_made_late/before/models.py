from database import db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))


class Log:
    def __init__(self):
        self.asked = []

    def query(self, word):
        self.asked.append(word)
        return self

    def count(self):
        return len(self.asked)
