class PlainObserver:
    def names(self):
        return []
