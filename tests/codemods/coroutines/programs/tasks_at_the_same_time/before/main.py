from concurrent.futures import ThreadPoolExecutor

from api import app


def requests(client):
    with ThreadPoolExecutor(4) as threads:
        for path in ("/given", "/around", "/service", "/one", "/each", "/own", "/too_long", "/within", "/waiting"):
            yield [r.json() for r in threads.map(client.get, [path] * 4)]
