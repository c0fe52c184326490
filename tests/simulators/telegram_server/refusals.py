"""What the server says when it does not do what it was asked, in its own words."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


class Refused(Exception):
    """One error answer: its status is also the body's `error_code`."""

    def __init__(self, status: int, description: str, parameters: JSON | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    @property
    def body(self) -> JSON:
        body: JSON = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body

    @property
    def headers(self) -> dict[str, str]:
        after = (self.parameters or {}).get("retry_after")
        return {} if after is None else {"retry-after": str(after)}


def bad_request(what: str) -> Refused:
    """A 400. The server puts the first letter in lower case, unless it names an error code."""
    coded = len(what) > 1 and what[1].isupper()
    return Refused(400, f"Bad Request: {what if coded else what[:1].lower() + what[1:]}")


def cannot_parse(what: str) -> Refused:
    return Refused(400, f"Bad Request: can't parse entities: {what}")


def forbidden(what: str) -> Refused:
    return Refused(403, f"Forbidden: {what}")


def conflict(what: str) -> Refused:
    return Refused(409, f"Conflict: {what}")


def too_many(retry_after: int) -> Refused:
    said = f"Too Many Requests: retry after {retry_after}"
    return Refused(429, said, {"retry_after": retry_after})


def upgraded(chat_id: int) -> Refused:
    said = "Bad Request: group chat was upgraded to a supergroup chat"
    return Refused(400, said, {"migrate_to_chat_id": chat_id})


UNAUTHORIZED = (401, "Unauthorized")
INVALID_TOKEN = (401, "Unauthorized: invalid token specified")
NO_METHOD = (404, "Not Found: method not found")
NOT_FOUND = (404, "Not Found")
TWO_POLLERS = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
