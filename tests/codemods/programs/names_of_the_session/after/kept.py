"""A session that is handed over in a dictionary."""


def users_of(parts, model):
    return parts["session"].query(model).order_by(model.id)  # refuse: session-not-in-scope
