"""What shows objects: by wrapping them, by methods that are looked up, by what is kept for later."""

from operator import attrgetter

by_shelf = attrgetter("shelf.name", "title")
by_title = attrgetter("title")


class View:
    def __init__(self, wrapped):
        self.wrapped = wrapped

    def __getattr__(self, name):  # stays: special-method
        return getattr(self.wrapped, name)  # stays: unknown-origin


class ShelfView(View):
    def heading(self):
        return "Shelf"


class Visitor:
    def visit(self, node):  # stays: unfollowed-calls
        return getattr(self, "visit_" + type(node).__name__.lower())(node)

    def visit_shelf(self, shelf):  # stays: unfollowed-calls
        return [self.visit(book) for book in shelf.books]  # stays: unknown-origin

    def visit_book(self, book):
        return book.title


def described(shelf, end):  # stays: unfollowed-calls
    return shelf.name + end.join(book.title for book in shelf.books)


def titled(book, end):
    return book.title + end
