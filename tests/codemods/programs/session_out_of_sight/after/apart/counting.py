"""Imports nothing of the program, and no file beside it does either."""


class Counting:
    model = None

    def count(self):
        return self.model.query.filter_by(name="ed").count()  # refuse: session-not-in-scope
