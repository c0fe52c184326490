"""Making the running summary: what leaves the window, read by the agent's own models.

It never keeps a chat from going on: whatever goes wrong is an outcome without a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import anyio

from agentcore.clock import as_datetime
from agentcore.errors import ContextOverflow, ModelUnavailable
from agentcore.loop.asking import Asked, ask
from agentcore.loop.conversation import Told
from agentcore.loop.origins import least_trusted
from agentcore.loop.prompt import AnyMessage
from agentcore.loop.window import beginning, estimate, estimate_text
from agentcore.memory.summary import (
    ASSISTANT,
    PERSON,
    SERVICE,
    Excerpt,
    Record,
    render_record,
    task,
)
from agentcore.model import Model, ModelRequest, SystemPrompt, Usage, UserPrompt
from agentcore.records import (
    Message,
    Origin,
    Part,
    Role,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    storable,
)

SECONDS = 30.0
"""The longest that somebody waits for an answer because of a summary."""
LONGEST_ANSWER = 2_048
"""Tokens; some models think within them first."""
_EXCERPT, _WORKING = 600, 150
"""Tokens of what was said, and of a call or what it returned."""
_WORDS_PER_TOKEN = 0.5


@dataclass(frozen=True, slots=True)
class Summarised:
    """What came of it. `told` None: nothing."""

    told: Told | None
    asked: Asked


async def summarise(
    ladder: Sequence[Model],
    before: str,
    messages: Sequence[AnyMessage],
    *,
    room: int,
    most: int,
    seconds: float,
) -> Summarised:
    """The summary before and these messages as one of at most `most` tokens. Where they don't fit
    into a request of `room` tokens, the newest are read.

    Raises:
        BudgetSpent: no model may be asked any more today.
    """
    instructions = SystemPrompt(task(int(most * _WORDS_PER_TOKEN)))
    bare = UserPrompt(render_record(Record(before, ())))
    excerpts, read = _newest(messages, room - estimate([instructions, bare]))
    request = ModelRequest(
        prompt=(instructions, UserPrompt(render_record(Record(before, excerpts)))),
        max_output=LONGEST_ANSWER,
        timeout=seconds,
        stable=0,
    )
    if not read:
        asked = Asked(None, Usage(cost=0), ladder[0].name, "failed", "no room for a summary")
        return Summarised(None, asked)
    with anyio.move_on_after(seconds) as scope:
        asked = await _asked(ladder, request)
    if scope.cancelled_caught:
        return Summarised(None, _given_up(ladder))
    text = "" if asked.answer is None else storable(asked.answer.text.strip())
    if not text:
        return Summarised(None, asked)
    # Its own origin is no more trusted than what it was made from.
    origin = least_trusted([each for each in messages if _was_read(each, read)])
    return Summarised(Told(beginning(text, most), read, origin), asked)


def _was_read(message: AnyMessage, read: Sequence[int]) -> bool:
    return not isinstance(message, Message) or message.seq in read


async def _asked(ladder: Sequence[Model], request: ModelRequest) -> Asked:
    try:
        return await ask(ladder, request, None, silence_is_fine=True)
    except (ModelUnavailable, ContextOverflow) as error:
        return Asked(None, Usage(cost=0), ladder[0].name, "failed", str(error))


def is_free(models: Sequence[Model]) -> bool:
    """Whether all of them are known to cost nothing."""
    prices = [model.capabilities.price for model in models]
    return all(price is not None and price.of(1, 1) == 0 for price in prices)


def _given_up(ladder: Sequence[Model]) -> Asked:
    """What it has cost isn't known, unless nothing costs anything."""
    usage = Usage(cost=0 if is_free(ladder) else None)
    return Asked(None, usage, ladder[0].name, "failed", "the summary took too long")


def _newest(
    messages: Sequence[AnyMessage], room: int
) -> tuple[tuple[Excerpt, ...], tuple[int, ...]]:
    """The excerpts that there is room for, and the numbers of their messages."""
    kept: list[Excerpt] = []
    read: list[int] = []
    for message in reversed(messages):
        excerpts = list(_excerpts(message))
        room -= sum(
            estimate_text(f"{each.when} {each.who}:")
            + estimate_text(each.text)
            # Each line of it begins with a bar.
            + len(each.text.splitlines())
            for each in excerpts
        )
        if room < 0:
            break
        kept += reversed(excerpts)
        if isinstance(message, Message):
            read.append(message.seq)
    return tuple(reversed(kept)), tuple(reversed(read))


def _excerpts(message: AnyMessage) -> Iterator[Excerpt]:
    when = as_datetime(message.created_at).strftime("%Y-%m-%dT%H:%M")
    if message.meta is not None:
        when = message.meta.local_time
    for part in message.parts:
        who, text, most = _told(message, part)
        if text.strip():
            shown = beginning(text, most)
            yield Excerpt(when, who, shown if shown == text else f"{shown} […]")


def _told(message: AnyMessage, part: Part) -> tuple[str, str, int]:
    """Who says it, what, and how much of it is read."""
    match part:
        case TextPart(text, origin):
            return _speaker(message, origin), text, _EXCERPT
        case ToolCallPart(call):
            return f"{ASSISTANT}, calling {call.name}", call.arguments, _WORKING
        case ToolReturnPart(_, name, text):
            return f"{name}, returning (not the person's words)", text, _WORKING
        case _:
            return SERVICE, "", 0


def _speaker(message: AnyMessage, origin: Origin) -> str:
    match message.role:
        case Role.ASSISTANT:
            return ASSISTANT
        case Role.USER:
            named = message.meta.speaker if message.meta is not None else None
            who = PERSON if named is None else '"' + named.replace('"', "'") + '"'
            if origin is Origin.OWNER:
                return who
            kind = origin.value.replace("_", " ")
            return f"{who}, passing on ({kind}, not the person's words)"
        case _:
            return SERVICE
