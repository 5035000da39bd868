from . import models


def filtered(query, age):
    from . import a

    assert a.older is not None
    return query.filter(models.User.age > age)
