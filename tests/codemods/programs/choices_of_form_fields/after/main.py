import package

from database import Base, db, engine
from models import Author, Book


def main():
    assert package
    from forms import BookForm

    Base.metadata.create_all(engine)
    db.add_all([Author(name="Eco", books=[Book(title="Baudolino"), Book(title="Rosa")]), Author(name="Dick")])
    db.commit()
    form = BookForm()
    found = [field.choices() for field in form.fields()]
    form.author.query_factory = form.alone
    return found, form.author.choices(), Author.with_books().count()
