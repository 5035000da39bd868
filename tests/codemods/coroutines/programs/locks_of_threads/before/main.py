from concurrent.futures import ThreadPoolExecutor

from api import app


def requests(client):
    with ThreadPoolExecutor(4) as threads:
        yield sorted(r.json() for r in threads.map(client.post, ["/logins/1"] * 8))
        yield sorted(r.json() for r in threads.map(client.post, ["/tags/new"] * 4))
        for path in ("/few", "/id/ada", "/alone", "/turn", "/name/2", "/locked/3"):
            yield [r.json() for r in threads.map(client.get, [path] * 4)]
