from sqlalchemy.orm import object_session, with_parent

from sqlalchemy import func, select

from models import Base, Draft, Handler, Option, engine, session


def handled():
    handler = Handler("mail", options=["from", "to"])
    first = object_session(handler).scalars(select(Option).where(with_parent(handler, Handler.options)).order_by(Option.id).slice(0, 1)).all()[0].word
    Option(word="cc", handler_id=handler.id).save()
    return first, [option.word for option in object_session(handler).scalars(select(Option).where(with_parent(handler, Handler.options)).order_by(Option.id))], object_session(handler).scalar(select(func.count()).select_from(select(Option).where(with_parent(handler, Handler.options)).order_by(Option.id).subquery()))


def drafted():
    draft = Draft("mail")
    draft.options.append(Option(word="to"))
    return [option.word for option in draft.options]  # refuse: dynamic-unflushed


def chosen(classes):
    made = classes["draft"]("mail", True)
    return [option.word for option in made.options]


def main():
    Base.metadata.create_all(engine)
    found = [handled(), drafted(), chosen({"draft": Draft})]
    session.remove()
    return found
