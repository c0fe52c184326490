"""From what clients send to the agent that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from adapters.web.rest.agents.bodies import (
    LARGEST_WINDOW,
    SMALLEST_WINDOW,
    AgentChanges,
    AgentFields,
    NewAgent,
)
from adapters.web.rest.agents.names import random_name
from adapters.web.rest.agents.refusals import SPEAKING, require_offered
from adapters.web.rest.agents.templates import seed_from
from adapters.web.rest.http.refusals import Invalid
from adapters.web.rest.seams.offers import OFFLINE, ApiOffers
from agentcore.clock import Micros
from agentcore.errors import BadInput, NotFound
from agentcore.records import (
    UNSET,
    AgentDraft,
    AgentPatch,
    AgentSeed,
    BlockId,
    IdentityId,
    NewMessage,
    Role,
    Unset,
    new_message_id,
)
from agentcore.store.custom_tools import CustomTools, built_in_tool_id
from agentcore.templates import PLAIN_SYSTEM
from agentcore.tools.memory_tools import OLDER_TOOLS

T = TypeVar("T")

BASE_TOOLS = ("conversation_search", "memory_insert", "memory_replace")

KEPT = (
    "agent_type",
    "embedding",
    "embedding_config",
    "model_settings",
    "llm_config",
    "tool_rules",
    "compaction_settings",
    "response_format",
    "message_buffer_autoclear",
    "enable_sleeptime",
    "reasoning",
    "enable_reasoner",
    "parallel_tool_calls",
    "max_files_open",
    "per_file_view_window_char_limit",
    "project_id",
    "template_id",
    "base_template_id",
    "include_base_tool_rules",
    "embedding_chunk_size",
    "project",
)
"""Fields that are kept as they are and given back: nothing here goes by them, but for rules of tools."""


_WINDOWS = f"from {SMALLEST_WINDOW} to {LARGEST_WINDOW}"


class AgentMaking:
    """What the service makes of requests for agents."""

    def __init__(self, offers: ApiOffers, custom: CustomTools) -> None:
        self._offers = offers
        self._custom = custom
        self._built_in = {built_in_tool_id(each.name): each.name for each in offers.tools}

    async def draft(self, body: NewAgent, now: Micros) -> AgentDraft:
        """Raises Invalid, BadInput, NotFound, NotOffered."""
        require_offered(body)
        seed = self._seed(body)
        tools = await self._tools(body)
        if body.from_template is None or tools:
            base = () if body.include_base_tools is False else BASE_TOOLS
            own = seed.tools if body.from_template is not None else base
            seed = replace(seed, tools=tuple(dict.fromkeys((*own, *tools))))
        return AgentDraft(
            seed=seed,
            block_ids=_block_ids(body.block_ids),
            identities=_identity_ids(body.identity_ids),
            tags=tuple(body.tags or ()),
            description=body.description,
            time_zone=_zone(body.timezone),
            hidden=body.hidden or False,
            metadata=body.metadata or {},
            extras={name: value for name, value in _kept(body) if value is not None},
            messages=tuple(_messages(body, now)),
        )

    async def patch(self, body: AgentChanges) -> AgentPatch:
        """Raises Invalid, BadInput, NotFound, NotOffered."""
        require_offered(body)
        said = body.model_fields_set
        named = body.tools is not None or body.tool_ids is not None
        handle, window = _model_of(body)
        zone = _zone(body.timezone)
        return AgentPatch(
            name=_given(body.name),
            system=_given(body.system),
            model=UNSET if handle is None else self._allowed(handle),
            context_window=window if window is not None else _cleared("context_window_limit", said),
            tools=tuple(dict.fromkeys(await self._tools(body))) if named else UNSET,
            block_ids=UNSET if body.block_ids is None else _block_ids(body.block_ids),
            identities=UNSET if body.identity_ids is None else _identity_ids(body.identity_ids),
            tags=UNSET if body.tags is None else tuple(body.tags),
            description=body.description if "description" in said else UNSET,
            time_zone=zone if zone is not None else _cleared("timezone", said),
            hidden=_given(body.hidden),
            metadata=_given(body.metadata),
            extras=dict(_kept(body)),
        )

    def _seed(self, body: NewAgent) -> AgentSeed:
        handle, window = _model_of(body)
        seed = AgentSeed("api", random_name(), "", PLAIN_SYSTEM, (), ())
        variables = {name: value or "" for name, value in (body.memory_variables or {}).items()}
        if body.from_template is not None:
            seed = seed_from(self._offers, body.from_template, variables)
        elif variables:
            raise Invalid("`memory_variables` are of a template: name it in `from_template`.")
        own = [each.block() for each in body.memory_blocks or ()]
        labels = [block.label for block in own]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise Invalid(f"`memory_blocks` has more than one block labelled {twice[0]!r}.")
        others = tuple(block for block in seed.blocks if block.label not in labels)
        return replace(
            seed,
            name=body.name or (seed.name if body.from_template else random_name()),
            system=seed.system if body.system is None else body.system,
            blocks=(*others, *own),
            model=seed.model if handle is None else self._allowed(handle),
            context_window=seed.context_window if window is None else window,
        )

    def _allowed(self, handle: str) -> str:
        """The handle, if an agent may have it. Where there is but the built-in model, any may be
        named: the agent keeps it for when there are others.
        """
        if handle in self._offers.models:
            return handle
        if handle != OFFLINE and "/" not in handle:
            msg = f"Model {handle!r} must be named as provider/model, such as openai/gpt-4o-mini."
            raise BadInput(msg)
        if not self._offers.offline_only:
            allowed = ", ".join(self._offers.models)
            msg = f"Model {handle} not found. Agents may use: {allowed} (FAMILIAR_MODELS)."
            raise NotFound(msg)
        return handle

    async def _tools(self, body: AgentFields) -> Sequence[str]:
        """The names of the tools that are asked for, by their present names."""
        named = [OLDER_TOOLS[each][0] if each in OLDER_TOOLS else each for each in body.tools or ()]
        wanted = [each for each in named if each != SPEAKING]
        built_in = set(self._built_in.values())
        others = [each for each in wanted if each not in built_in]
        if others:
            there = {tool.name for tool in await self._custom.named(others)}
            if missing := [each for each in others if each not in there]:
                raise NotFound(
                    f"Tools not found: {', '.join(missing)}. The service brings "
                    f"{', '.join(sorted(built_in))}. Leave out the others, or make them first: "
                    "POST /v1/tools."
                )
        return [*wanted, *[await self._named(each) for each in body.tool_ids or ()]]

    async def _named(self, tool_id: str) -> str:
        for built_in, name in self._built_in.items():
            if built_in == tool_id:
                return name
        return (await self._custom.get(tool_id)).name


def _model_of(body: AgentFields) -> tuple[str | None, int | None]:
    """The handle and the window that are asked for, in either of the ways in which clients do."""
    config: Mapping[str, Any] = body.llm_config or {}
    handle = body.model or config.get("handle")
    if handle is None and config.get("model"):
        provider = config.get("provider_name") or config.get("model_endpoint_type")
        handle = "/".join(str(each) for each in (provider, config["model"]) if each)
    window = body.context_window_limit
    if window is None and (wanted := config.get("context_window")) is not None:
        if not isinstance(wanted, int) or not SMALLEST_WINDOW <= wanted <= LARGEST_WINDOW:
            raise Invalid(f"`llm_config.context_window` must be {_WINDOWS} tokens.")
        window = wanted
    return None if handle is None else str(handle), window


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(
            f"`timezone` {name!r} is no IANA time zone, such as Europe/Lisbon."
        ) from error


def _kept(body: AgentFields) -> Iterator[tuple[str, Any]]:
    """What is said of fields that are only kept; None: nothing any more."""
    for name in KEPT:
        if name in body.model_fields_set:
            yield name, getattr(body, name)
    for name in ("secrets", "tool_exec_environment_variables"):
        if name in body.model_fields_set:
            given = getattr(body, name)
            yield "secrets", None if given is None else {k: v for k, v in given.items() if v}


def _messages(body: NewAgent, now: Micros) -> Iterator[NewMessage]:
    for each in body.initial_message_sequence or ():
        given = each.given()
        yield NewMessage(
            new_message_id(),
            Role(given.role),
            given.parts,
            now,
            author=given.sender,
            otid=given.otid,
        )


def _block_ids(given: Sequence[str] | None) -> tuple[BlockId, ...]:
    return tuple(BlockId(each) for each in given or ())


def _identity_ids(given: Sequence[str] | None) -> tuple[IdentityId, ...]:
    return tuple(IdentityId(each) for each in given or ())


def _given(value: T | None) -> T | Unset:
    return UNSET if value is None else value


def _cleared(field: str, said: set[str]) -> Unset | None:
    """None where a client says that there is to be none."""
    return None if field in said else UNSET
