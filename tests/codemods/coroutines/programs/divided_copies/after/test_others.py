from unittest.mock import patch

from fastapi.testclient import TestClient

from api import app


def test_what_is_called_can_be_replaced():
    with patch("others.replaced", return_value=7), TestClient(app) as client:
        assert client.get("/others/calling").json()[0] == 7
