class Listing:
    """What subclasses have in common; the query is for them to say."""

    def __init__(self, session):
        self.session = session

    def everything(self):
        return self._base_query().all()

    def search(self, text):
        return self._matching(self._base_query(), text).first()

    def title(self):
        return self._title()
