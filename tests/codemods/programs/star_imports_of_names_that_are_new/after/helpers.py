def select(rows, name):
    return [row for row in rows if row == name]


def delete(rows, name):
    return [row for row in rows if row != name]
