from app import create_app


def main():
    client = create_app().test_client()
    answers = [client.get(path) for path in ("/users", "/users/1", "/users/9", "/teams/red", "/teams/none")]
    answers += [client.post("/rename"), client.get("/users")]
    return [(answer.status_code, answer.json) for answer in answers]
