class Listing:
    """What subclasses have in common; the query is for them to say."""

    def __init__(self, session):
        self.session = session

    def everything(self):
        return self.session.scalars(self._base_query()).unique().all()

    def search(self, text):
        return self.session.scalars(self._matching(self._base_query(), text).limit(1)).first()

    def title(self):
        return self._title()
