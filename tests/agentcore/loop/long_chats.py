"""Chats that outgrow their window."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.model import (
    Capabilities,
    Price,
    Prompt,
)
from agentcore.records import Epoch
from agentcore.testing import ScriptedModel, ScriptLine
from tests.house import House

SMALL = Capabilities(window=6_000, price=Price(0, 0))
PARIS = "2026-11-20: is going to Paris in May."


def scripted(*script: ScriptLine, summary: ScriptLine = PARIS) -> ScriptedModel:
    return ScriptedModel(*(script or ["Ok."] * 40), capabilities=SMALL, summary=summary)


async def fill(home: House, model: ScriptedModel, *, until: int = 1) -> int:
    """Talk until so many summaries were asked for; how often something was said."""
    for number in range(1, 40):
        await home.say("ada", f"Message {number}. " + "I like rivers and long walks. " * 27)
        if len(model.summaries) >= until:
            return number
    raise AssertionError("the window never filled")


def texts(prompts: Sequence[Prompt]) -> str:
    return "\n".join(prompt.text for prompt in prompts)


async def head_of(home: House) -> Epoch:
    await home.accept("ada", "And now?")
    (claim,) = await home.claim()
    head = await (await home.door("ada")).head(claim)
    assert head.epoch is not None
    return head.epoch
