"""Imports nothing of the program; the files beside it do."""

from sqlalchemy import func, select

from extensions import db


class Counting:
    model = None

    def count(self):
        return db.session.scalar(select(func.count()).select_from(select(self.model).filter_by(name="ed").subquery()))
