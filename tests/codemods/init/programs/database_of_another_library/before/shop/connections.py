class Database:
    """What another library calls a database."""

    def __init__(self, url):
        self.url = url
