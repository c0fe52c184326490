"""What a link in a message may be."""

from __future__ import annotations

import re
from typing import Any

_HOST = re.compile(
    r"(?i)^(?:(?:https?|ftp)://)?((?:[\w-]+\.)+[a-z]{2,}|\d+(?:\.\d+){3})(:\d+)?(?=[/?#]|$)"
)
_KNOWN = re.compile(r"(?i)^(?:tg|ton|tonsite)://.+|^mailto:.+|^tel:.+")


def checked_link(url: str) -> str:
    """The link as the server keeps it, empty if it is none that may be linked to."""
    if not url or re.search(r"\s", url):
        return ""
    if _KNOWN.match(url):
        return url
    found = _HOST.match(url)
    if found is None:
        return ""
    if not re.match(r"(?i)(?:https?|ftp)://", url):
        url = f"http://{url}"
    return re.sub(r"(?i)^((?:https?|ftp)://[^/?#]+)(?=[?#]|$)", r"\1/", url)


def mentioned_user(url: str) -> dict[str, Any] | None:
    """The person that a `tg://user?id=` link is for."""
    found = re.fullmatch(r"(?i)tg:(?://)?user\?id=(\d{1,15})", url.strip())
    return {"id": int(found[1]), "is_bot": False, "first_name": ""} if found else None


def link_of(url: str) -> tuple[str, tuple[tuple[str, object], ...]] | None:
    """What the text of a link becomes: the type of its entity, and its details. None: text alone."""
    if user := mentioned_user(url):
        return "text_mention", (("user", user),)
    if link := checked_link(url):
        return "text_link", (("url", link),)
    return None
