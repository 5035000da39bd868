from . import models


def filtered(query, age):
    from . import a

    assert a.older is not None
    return query.where(models.User.age > age)
