def test_the_process_is_healthy_without_the_database(http):
    assert http.get("/health").json()["status"] == "ok"


def test_the_database_is_reached(http):
    assert http.get("/health/db").json() == {"status": "ok", "dialect": "postgresql"}


def test_the_documentation_lists_nine_webhook_endpoints(http):
    paths = http.get("/openapi.json").json()["paths"]
    operations = [
        (method, path) for path, methods in paths.items() if path.startswith("/webhooks") for method in methods
    ]
    assert len(operations) == 9


def test_every_endpoint_that_needs_a_tenant_refuses_an_unknown_one(http):
    for path in ("/users", "/chats", "/webhooks", "/statistics/overview", "/reports/channels"):
        response = http.get(path, headers={"X-Tenant": "nobody"})
        assert (response.status_code, response.json()) == (404, {"detail": "Unknown tenant"}), path
