"""What the server says when it does not do what it was asked, in its own words."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]


class Refused(Exception):
    """One error answer: a status, and a body with a message and Discord's own code."""

    def __init__(self, status: int, code: int, message: str, more: JSON | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more or {}

    @property
    def body(self) -> JSON:
        return {"message": self.message, "code": self.code, **self.more}


class NotSimulated(Exception):
    """Something that Discord has and this server lacks was asked for."""


def invalid_form(path: str, code: str, message: str) -> Refused:
    """A field that isn't as it must be; its path has dots, as in `embeds.0.title`."""
    errors: JSON = {"_errors": [{"code": code, "message": message}]}
    for name in reversed(path.split(".") if path else []):
        errors = {name: errors}
    return Refused(400, 50035, "Invalid Form Body", {"errors": errors})


def required(path: str) -> Refused:
    return invalid_form(path, "BASE_TYPE_REQUIRED", "This field is required")


def too_long(path: str, most: int) -> Refused:
    return invalid_form(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def bad_length(path: str, least: int, most: int) -> Refused:
    said = f"Must be between {least} and {most} in length."
    return invalid_form(path, "BASE_TYPE_BAD_LENGTH", said)


def no_choice(path: str, choices: str) -> Refused:
    said = f"Value must be one of {{{choices}}}."
    return invalid_form(path, "BASE_TYPE_CHOICES", said)


def slow_mode(seconds: float) -> Refused:
    said = "This action cannot be performed due to slowmode rate limit."
    return Refused(429, 20016, said, {"retry_after": seconds, "global": False})


UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")
NO_METHOD = (405, 0, "405: Method Not Allowed")
EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
BAD_JSON = (400, 50109, "The request body contains invalid JSON.")
TOO_LARGE = (413, 40005, "Request entity too large")
ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
NOT_TO_USER = (403, 50007, "Cannot send messages to this user")
MISSING_ACCESS = (403, 50001, "Missing Access")
MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
NOT_IN_DM = (403, 50003, "Cannot execute action on a DM channel")
OTHERS_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
NO_TEXT_CHANNEL = (400, 50008, "Cannot send messages in a non-text channel")
SYSTEM_MESSAGE = (403, 50021, "Cannot execute action on a system message")
CHANNEL_TYPE = (400, 50024, "Cannot execute action on this channel type")
INVALID_RECIPIENT = (400, 50033, "Invalid Recipient(s)")
ARCHIVED = (400, 50083, "Thread is archived")
NO_HISTORY_REPLY = (
    400,
    160002,
    "Cannot reply without permission to read message history",
)
THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
LOCKED = (400, 160005, "Thread is locked")
MOST_REACTIONS = (400, 30010, "Maximum number of reactions reached (20)")
MOST_FOLLOW_UPS = (
    400,
    40094,
    "This interaction has reached the maximum number of follow-up messages",
)
BLOCKED_REACTION = (403, 90001, "Reaction was blocked")
UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
UNKNOWN_ROLE = (404, 10011, "Unknown Role")
UNKNOWN_USER = (404, 10013, "Unknown User")
UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
