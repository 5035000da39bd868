from models import Base, Draft, Handler, Option, engine, session


def handled():
    handler = Handler("mail", options=["from", "to"])
    first = handler.options[0].word
    Option(word="cc", handler_id=handler.id).save()
    return first, [option.word for option in handler.options], handler.options.count()


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
