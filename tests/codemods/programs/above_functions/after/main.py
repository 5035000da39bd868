from lines import first
from views import Names, everybody, length


def main():
    return Names.shouted(1), length(2), everybody(), first()
