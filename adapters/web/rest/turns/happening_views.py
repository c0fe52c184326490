"""What happens to an agent, as clients are told it, and the places in it: pure."""

from __future__ import annotations

import re
import uuid
from typing import Any, assert_never

from adapters.web.rest.http.answers import moment
from adapters.web.rest.http.refusals import Invalid
from adapters.web.rest.turns.message_views import Setting, message_views
from adapters.web.rest.turns.run_views import run_view, usage_view
from agentcore.records import AgentId, BlockId, Message, Revision, RunView
from agentcore.records.happenings import Happening, HappeningPlace

View = dict[str, Any]

_PLACE = re.compile(r"(\d{1,18})\.(\d{1,18})((?:\.[0-9a-f]{32}-\d{1,18}){0,500})", re.ASCII)


def place_text(place: HappeningPlace) -> str:
    """A place as clients keep it: `12.7.<block>-3.<block>-1`."""
    blocks = (
        f".{uuid.UUID(block_id.removeprefix('block-')).hex}-{version}"
        for block_id, version in place.blocks.items()
    )
    return f"{place.message}.{place.turn}{''.join(blocks)}"


def read_place(text: str) -> HappeningPlace:
    """The place that a client has kept.

    Raises:
        Invalid: it is none that it was given.
    """
    match = _PLACE.fullmatch(text)
    if match is None:
        raise Invalid("The id to go on from is none of an event of this agent. Leave it out.")
    blocks = (each.split("-") for each in match[3].split(".")[1:])
    versions = {BlockId(f"block-{uuid.UUID(name)}"): int(version) for name, version in blocks}
    return HappeningPlace(int(match[1]), int(match[2]), versions)


def happening_view(agent_id: AgentId, happening: Happening) -> View:
    """One event. Its id is the same each time that it is told."""
    return {
        "id": _id(happening),
        "type": happening.kind,
        "created_at": moment(happening.at),
        "agent_id": agent_id,
        "data": _data(happening),
    }


def _id(happening: Happening) -> str:
    match happening.what:
        case Message() as message:
            return message.message_id
        case Revision() as edit:
            return f"{edit.block_id}:{edit.version}"
        case RunView() as run:
            return f"{run.turn_id}:ended"
        case other:
            assert_never(other)


def _data(happening: Happening) -> View:
    match happening.what:
        case Message() as message:
            return {
                "conversation_id": happening.thread,
                "run_id": happening.turn,
                "messages": message_views(message, Setting(happening.turn, None)),
            }
        case Revision() as edit:
            return {
                "block_id": edit.block_id,
                "label": edit.label,
                "version": edit.version,
                "value": edit.after,
                "edited_by": edit.actor,
            }
        case RunView() as run:
            return {"run": run_view(run), "usage": usage_view(run)}
        case other:
            assert_never(other)
