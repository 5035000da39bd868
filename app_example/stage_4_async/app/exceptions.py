"""Errors of the domain; `app.main` maps them to HTTP status codes."""


class ChatError(Exception):
    status_code = 400

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class NotFound(ChatError):
    status_code = 404


class Conflict(ChatError):
    status_code = 409


class Forbidden(ChatError):
    status_code = 403
