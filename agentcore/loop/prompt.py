"""From stored records to the prompt. Pure, and stable: the same records give the same bytes.

Layout, append-only within an epoch: instructions, template and blocks as of the epoch; its
summary; then the messages in order. A stored message is never rendered differently later.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from agentcore.memory.frame import attribute, render_blocks
from agentcore.memory.summary import show_summary
from agentcore.model import AssistantPrompt, Prompt, SystemPrompt, ToolPrompt, UserPrompt
from agentcore.records import (
    Epoch,
    HeadBlock,
    Message,
    MessageMeta,
    NewMessage,
    Role,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    Unreadable,
)

AnyMessage = Message | NewMessage

MAX_NAME = 64
_NOTE = "[note]"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_UNREADABLE: Mapping[Unreadable, str] = {
    "photo": "a photo",
    "voice": "a voice message",
    "audio": "a sound file",
    "video": "a video",
    "document": "a file",
    "sticker": "a sticker",
    "other": "something",
}

UNKNOWN_OUTCOME = (
    "The service was interrupted during this call: its outcome is unknown. "
    "Check before you repeat it, or ask the person."
)


def render_head(epoch: Epoch, blocks: Sequence[HeadBlock]) -> tuple[Prompt, ...]:
    """What a thread's prompt starts with until its next epoch."""
    system = SystemPrompt(f"{epoch.system}\n\n{render_blocks(blocks)}")
    if not epoch.summary:
        return (system,)
    return (system, UserPrompt(note(show_summary(epoch.summary))))


def note(text: str) -> str:
    """The frame of everything that the service itself tells a model in user role."""
    return f"{_NOTE} {text}"


def metadata_line(meta: MessageMeta) -> str:
    """The one line before a person's words, the weekday in it since models get that wrong:
    `[2026-11-20T23:15 Fri Europe/Lisbon | terminal | private]`.
    """
    weekday = _WEEKDAYS[date.fromisoformat(meta.local_time[:10]).weekday()]
    fields = [f"{meta.local_time} {weekday} {meta.zone}", meta.platform, meta.audience]
    if meta.speaker is not None:
        fields.append(f'"{attribute(_shown_name(meta.speaker))}"')
    if meta.edited:
        fields.append("edited")
    if meta.unreadable is not None:
        fields.append(f"with {_UNREADABLE[meta.unreadable]}, which you can't see")
    return f"[{' | '.join(fields)}]"


def _shown_name(name: str) -> str:
    """A name without control and direction marks, at most 64 characters, wherever it came from."""
    shown = (" " if unicodedata.category(each).startswith("C") else each for each in name)
    return " ".join("".join(shown).split())[:MAX_NAME].rstrip()


def render_messages(messages: Sequence[AnyMessage]) -> tuple[Prompt, ...]:
    """The messages as prompts. Providers refuse a prompt with unanswered calls or with returns
    that nobody called for: the first get a return that says so, the second are left out.
    """
    prompts: list[Prompt] = []
    open_calls: list[ToolCall] = []
    for message in messages:
        if message.role is not Role.TOOL:
            prompts.extend(_unanswered(open_calls))
            open_calls = []
        for prompt in _rendered(message):
            if isinstance(prompt, AssistantPrompt):
                open_calls = list(prompt.tool_calls)
            elif isinstance(prompt, ToolPrompt):
                at = next((n for n, c in enumerate(open_calls) if c.call_id == prompt.call_id), -1)
                if at < 0:
                    continue
                del open_calls[at]
            prompts.append(prompt)
    prompts.extend(_unanswered(open_calls))
    return tuple(prompts)


def _said(message: AnyMessage) -> str:
    """A person's words under their metadata line. Without one (imported messages) they must not
    pass for a note of the service.
    """
    if message.meta is not None:
        return f"{metadata_line(message.meta)}\n{message.text}"
    forged = message.text.lstrip().startswith(_NOTE)
    return f"[message]\n{message.text}" if forged else message.text


def _unanswered(calls: Sequence[ToolCall]) -> Iterator[Prompt]:
    for call in calls:
        yield ToolPrompt(call.call_id, call.name, UNKNOWN_OUTCOME)


def _rendered(message: AnyMessage) -> Iterator[Prompt]:
    match message.role:
        case Role.USER:
            yield UserPrompt(_said(message))
        case Role.NOTE | Role.SUMMARY:
            yield UserPrompt(note(message.text))
        case Role.ASSISTANT:
            calls = tuple(p.call for p in message.parts if isinstance(p, ToolCallPart))
            if message.text or calls:
                yield AssistantPrompt(message.text, calls)
        case Role.TOOL:
            for part in message.parts:
                if isinstance(part, ToolReturnPart):
                    yield ToolPrompt(part.call_id, part.name, part.text)
        case Role.SYSTEM:
            yield UserPrompt(note(message.text))
