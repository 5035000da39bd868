import package
from package import billing

import service
from settings import current_app


class Search:
    def query(self, what):
        return str(what)


def main():
    session = current_app.made
    current_app.__dict__["made"] = lambda: session
    billing.Base.metadata.create_all(session.get_bind())
    session.add_all([billing.Invoice(number="a", lines=[billing.Line(), billing.Line()]), billing.Invoice(number="b")])
    session.commit()
    numbers = [i.number for i in service.invoices(session)]
    return [numbers, service.first("b").number, service.total(), service.marked(session), service.found(Search(), "t")[1]]


assert package
