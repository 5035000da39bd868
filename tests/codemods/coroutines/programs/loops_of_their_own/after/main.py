from concurrent.futures import ThreadPoolExecutor

from api import app, here, told


def requests(client):
    for path in ("run", "until", "from_thread", "anyio", "helper", "asking", "scheduled"):
        yield client.get(f"/{path}/1")
    yield client.get("/current")
    yield client.post("/later/3")
    yield told
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(client.get, f"/{path}/1") for path in ("answer", "turn", "wait")]
        here.wait(10)
        yield client.get("/at_once/2")
        yield from (w.result() for w in waiting)
