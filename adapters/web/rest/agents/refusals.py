"""What clients may ask of an agent that isn't built: said by the field's name, never passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.web.rest.agents.bodies import AgentFields, NewAgent
from adapters.web.rest.http.refusals import NotOffered
from agentcore.records.agents import ASKS_FIRST

_KINDS_OF_OWN = frozenset(
    {"workflow_agent", "sleeptime_agent", "voice_convo_agent", "voice_sleeptime_agent"}
)
"""Types that take their turns in another way. All others are one here."""

SPEAKING = "send_message"
"""Older agents spoke by this tool; ours say what they say."""

_MEANINGLESS_RULES = frozenset({ASKS_FIRST, "continue_loop"})
"""Rules that are kept: the first by the turns, the second since every turn goes on after a call."""


_OURS = ("message_ids", "last_run_completion", "last_run_duration_ms", "last_stop_reason")
"""What follows from what was said, and can't be set."""


def require_offered(body: AgentFields) -> None:
    """See that all that is asked for can be done.

    Raises:
        NotOffered: it names the first field that can't.
    """
    for field in _unbuilt(body):
        raise NotOffered(f"not offered by this server: {field} of an agent. Leave it out.")


def _unbuilt(body: AgentFields) -> Iterator[str]:
    wished = {
        "message_buffer_autoclear": body.message_buffer_autoclear,
        "enable_sleeptime": body.enable_sleeptime,
        "folder_ids": body.folder_ids,
        "source_ids": body.source_ids,
        "max_tokens": body.max_tokens,
        "max_reasoning_tokens": body.max_reasoning_tokens,
        "parallel_tool_calls": body.parallel_tool_calls is False,
        "response_format": _is_of_form(body.response_format),
    }
    yield from (f"`{name}`" for name, value in wished.items() if value)
    yield from _of_models(body.model_settings or {})
    for name, value in (body.compaction_settings or {}).items():
        if value is not None and (name, value) != ("mode", "sliding_window"):
            yield f"`compaction_settings.{name}`"
    for rule in body.tool_rules or ():
        known = rule.get("type") in _MEANINGLESS_RULES or rule.get("tool_name") == SPEAKING
        if not known:
            kind = rule.get("type")
            which = "without a type" if kind is None else f"of the type {str(kind)[:50]}"
            yield f"a rule of `tool_rules` {which}"
    if isinstance(body, NewAgent):
        yield from _of_new_ones(body)
    else:
        yield from (f"`{name}`" for name in _OURS if getattr(body, name, None) is not None)


def _of_new_ones(body: NewAgent) -> Iterator[str]:
    if body.agent_type in _KINDS_OF_OWN:
        yield f"`agent_type` {body.agent_type}"
    if body.include_multi_agent_tools:
        yield "`include_multi_agent_tools`"
    if body.include_default_source:
        yield "`include_default_source`"


def _of_models(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        fine = (
            value is None
            or name == "provider_type"
            or (name == "parallel_tool_calls" and value is True)
            or (name == "response_format" and not _is_of_form(value))
        )
        if not fine:
            yield f"`model_settings.{name}`"


def _is_of_form(wanted: object) -> bool:
    """Whether answers are wanted in another form than text."""
    return isinstance(wanted, Mapping) and wanted.get("type") not in {None, "text"}
