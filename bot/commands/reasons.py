"""How a person is told where something in the memory comes from."""

from __future__ import annotations

from collections.abc import Mapping

from agentcore.records import API_PLATFORM, EditActor, Message, Revision
from bot.commands.base import Reader
from bot.commands.wording import quoted

_WRITTEN_BY: Mapping[EditActor, str] = {
    EditActor.TOOL: "reply.why_noted",
    EditActor.TEMPLATE: "reply.why_template",
    EditActor.USER: "reply.why_yourself",
    EditActor.OPERATOR: "reply.why_operator",
    EditActor.API: "reply.why_api",
    EditActor.SLEEP_TIME: "reply.why_reflection",
    EditActor.LINK: "reply.why_linked_once",
}


def reason_of(
    revision: Revision,
    said: Message | None,
    reader: Reader,
    *,
    why: str = "",
    of_several: bool = False,
) -> str:
    """Who made an edit and when; `said` is the message that led to it, where it may be shown, and
    `why` what a sleep-time run gave as its reason. `of_several`: anybody may have said it.
    """
    date = reader.date(revision.created_at)
    if revision.actor is EditActor.SLEEP_TIME and why:
        reason = reader.piece("reply.why_reflected", {"date": date, "reason": quoted(why)})
        if said is None or not said.text.strip():
            return reason
        key = "reply.why_reflected_on_program" if _of_program(said) else "reply.why_reflected_on"
        return f"{reason} {_quoting(key, said, reader)}"
    if revision.actor is EditActor.TOOL and said is not None and said.text.strip():
        key = "reply.why_told_here" if of_several else "reply.why_told"
        return _quoting("reply.why_told_program" if _of_program(said) else key, said, reader)
    key = _WRITTEN_BY[revision.actor] if revision.template is None else "reply.why_persona"
    if not revision.own and revision.actor is not EditActor.TEMPLATE:
        key = "reply.why_shared"
    return reader.piece(key, {"date": date})


def _of_program(said: Message) -> bool:
    """Whether it came over the API, where nobody but the client knows who says what."""
    return said.meta is not None and said.meta.platform == API_PLATFORM


def _quoting(key: str, said: Message, reader: Reader) -> str:
    return reader.piece(key, {"date": reader.date(said.created_at), "message": quoted(said.text)})
