"""Discord's texts as words: what stands in them for people, places and signs is written out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.push.quoting import one_line

_MARK = re.compile(
    r"```.*?```|`[^`\n]+`"  # in code, marks are themselves
    r"|<@!?(?P<person>\d{1,20})>"
    r"|<@&(?P<role>\d{1,20})>"
    r"|<#(?P<channel>\d{1,20})>"
    r"|<a?(?P<emoji>:\w{1,64}:)\d{1,20}>"
    r"|<(?P<command>/[-\w ]{1,100}):\d{1,20}>"
    r"|<t:(?P<moment>-?\d{1,12})(?::[A-Za-z])?>",
    re.DOTALL,
)
_NO_NAME = "somebody"

Names = Callable[[int], str | None]


def spelled_out(text: str, people: Mapping[int, str], roles: Names, channels: Names) -> str:
    """The text with names for all that it marks."""

    def shown(mark: re.Match[str]) -> str:
        match mark.lastgroup, mark[mark.lastgroup or 0]:
            case "person", number:
                return "@" + (one_line(people.get(int(number)) or "") or _NO_NAME)
            case "role", number:
                return "@" + (one_line(roles(int(number)) or "") or "some-role")
            case "channel", number:
                return "#" + (one_line(channels(int(number)) or "") or "some-channel")
            case "moment", number:
                return _moment(int(number)) or mark[0]
            case _, words:
                return words

    return _MARK.sub(shown, text)


def _moment(seconds: int) -> str | None:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return None


def names(text: str, person: int) -> bool:
    """Whether the text mentions somebody."""
    return any(int(found["person"] or 0) == person for found in _MARK.finditer(text))


def after_call(text: str, person: int) -> str:
    """What is said to somebody after their name; all of it, if the name is all or comes later."""
    call = re.match(rf"(?:\s*<@!?{person}>\s*[,:]?)+\s*", text)
    rest = text[call.end() :] if call is not None else ""
    return rest or text
