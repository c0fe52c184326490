"""Short ways to use commands in a test, and to read what comes of them."""

from __future__ import annotations

import json

from adapters.feed import FeedNotice
from agentcore.records import ToolCall
from agentcore.templates import load_templates
from bot.offers import BUNDLED_TEMPLATES
from tests.house import House, call

TEMPLATES = load_templates([BUNDLED_TEMPLATES])


def persona_of(name: str) -> str:
    """What a template's block `persona` says."""
    blocks = TEMPLATES[name].seed("user", tools=()).blocks
    return next(block.value for block in blocks if block.label == "persona")


async def told(home: House, user: str, *lines: str) -> list[tuple[str, str]]:
    """The notices that come of these lines, sent at once: key and text."""
    before = len(await _notices(home, user, 0))
    position = 0
    for line in lines:
        position = (await home.accept(user, line)).position
    return (await _notices(home, user, position))[before:]


async def _notices(home: House, user: str, position: int) -> list[tuple[str, str]]:
    events = await home.heard(user, until=position)
    return [(e.key, e.text) for e in events if isinstance(e, FeedNotice)]


async def said(home: House, user: str, *lines: str) -> None:
    """Each line, and its turn to the end."""
    for line in lines:
        await home.heard(user, until=(await home.accept(user, line)).position)


def insert(text: str) -> ToolCall:
    return call("memory_insert", json.dumps({"label": "human", "new_string": text}))
