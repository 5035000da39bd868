from store import count_tags


def command(function):
    return function


@command
def show():  # stays: command
    return count_tags()
