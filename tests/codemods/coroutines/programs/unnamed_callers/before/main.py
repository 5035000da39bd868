from api import app


def requests(client):
    for path in ("/me", "/me?name=nobody", "/titles", "/teams/1", "/login/ada", "/notices/ada", "/mail/1"):
        yield client.get(path)
