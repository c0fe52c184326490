"""What a message's text and embeds must be like."""

from __future__ import annotations

from typing import Any

from tests.simulators.discord_server.refusals import (
    JSON,
    bad_length,
    invalid_form,
    required,
    too_long,
)

MOST_CONTENT = 2000
MOST_OF_ANYBODY = 4000
"""What those may write who pay; who goes beyond is told of this number."""
MOST_EMBEDS, MOST_FIELDS, MOST_TOTAL = 10, 25, 6000
_MOST = {"title": 256, "description": 4096}


def check_content(content: Any) -> str:
    """The text, without blanks around it.

    Raises:
        Refused: It is none, or too long.
    """
    if content is None:
        return ""
    if not isinstance(content, str | int | float):
        raise invalid_form("content", "BASE_TYPE_CONVERT", "Could not interpret value as string.")
    text = str(content).strip()
    if len(text) > MOST_OF_ANYBODY:
        raise too_long("content", MOST_OF_ANYBODY)
    if len(text) > MOST_CONTENT:
        raise too_long("content", MOST_CONTENT)
    return text


def check_embeds(told: Any) -> list[JSON]:
    """The embeds.

    Raises:
        Refused: There are too many, one is empty, or too much is in them.
    """
    embeds: list[JSON] = told or []
    if len(embeds) > MOST_EMBEDS:
        raise bad_length("embeds", 0, MOST_EMBEDS)
    total = 0
    for at, embed in enumerate(embeds):
        total += _check(embed, f"embeds.{at}")
    if total > MOST_TOTAL:
        said = f"Embed size exceeds maximum size of {MOST_TOTAL}"
        raise invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", said)
    return [{"type": "rich", **each} for each in embeds]


def _check(embed: JSON, path: str) -> int:
    """How many characters it has."""
    texts = [(name, embed.get(name), most) for name, most in _MOST.items()]
    texts.append(("footer.text", (embed.get("footer") or {}).get("text"), 2048))
    texts.append(("author.name", (embed.get("author") or {}).get("name"), 256))
    fields = embed.get("fields") or []
    if len(fields) > MOST_FIELDS:
        raise bad_length(f"{path}.fields", 0, MOST_FIELDS)
    for at, each in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            if not str(each.get(name) or "").strip():
                raise required(f"{path}.fields.{at}.{name}")
            texts.append((f"fields.{at}.{name}", each[name], most))
    for name, text, most in texts:
        if len(str(text or "")) > most:
            raise too_long(f"{path}.{name}", most)
    held = any(text for _, text, _ in texts) or any(
        embed.get(name) for name in ("image", "thumbnail", "video")
    )
    if not held:
        raise required(f"{path}.description")
    return sum(len(str(text or "")) for _, text, _ in texts)
