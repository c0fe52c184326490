"""A file's content, or why it is refused. Nothing in a file is trusted to fit together: what one
part says of another is looked up, once, before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from agentcore.agentfile.fitting import require_few, require_known, require_one_each, unique, wrong
from agentcore.agentfile.form import (
    MAX_BYTES,
    MOST_MESSAGES,
    MOST_PASSAGES,
    AgentFileInvalid,
    AgentForm,
    BlockForm,
    FileForm,
    MessageForm,
    OurAgent,
    ToolForm,
    moment,
)
from agentcore.agentfile.memory import read_block, read_tool
from agentcore.agentfile.messages import Plain, read_plain
from agentcore.clock import Micros
from agentcore.records import Role, ToolCallPart
from agentcore.records.content import (
    Content,
    PlainAgent,
    PlainMessage,
    PlainPassage,
    PlainThread,
)

_FILE = TypeAdapter(FileForm)
_QUOTED = TypeAdapter(str)
SHOWN = 3
"""Problems that a refusal names."""
_RENAMED = {
    "core_memory_append": "memory_insert",
    "core_memory_replace": "memory_replace",
    "rethink_memory": "memory_rethink",
}
"""What older servers called tools that are here by other names."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file's content, and what of it can't be taken along, each in a sentence."""

    content: Content
    left_out: tuple[str, ...] = ()


def read_agent_file(data: bytes, *, built_in: Collection[str], now: Micros) -> FileRead:
    """The content of a file. `built_in`: tools that the service brings; those of other services go.

    Raises:
        AgentFileInvalid: it isn't whole, of another form, or contradicts itself.
    """
    if len(data) > MAX_BYTES:
        msg = f"The file has {len(data):,} bytes; agent files may have {MAX_BYTES:,}."
        raise AgentFileInvalid(msg)
    try:
        file = _FILE.validate_json(_unquoted(data))
    except ValidationError as error:
        raise AgentFileInvalid(_told(error)) from None
    return _Reader(file, built_in, now).read()


def _unquoted(data: bytes) -> bytes | str:
    """The SDK gives an export as a text: whoever saved that as JSON has it in quotes."""
    return _QUOTED.validate_json(data) if data.lstrip().startswith(b'"') else data


def _told(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    if problems[0]["type"] == "json_invalid":
        return f"The file is no JSON: {problems[0]['msg'].removeprefix('Invalid JSON: ')}."
    if problems[0]["loc"] == ("agents",) and problems[0]["type"] == "missing":
        return (
            "The file has no `agents`: it is no agent file, or one of the form before 2025. "
            "Import it into a Letta server of today and export it there."
        )
    places = (f"`{_place(each['loc'])}`: {each['msg'].lower()}" for each in problems[:SHOWN])
    more = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
    return f"The file is no valid agent file. {'; '.join(places)}{more}."


def _place(location: Sequence[str | int]) -> str:
    """As one would write it: `agents[0].messages[3].role`."""
    path = ""
    for each in location:
        path += f"[{each}]" if isinstance(each, int) else f".{each}" if path else each
    return path[:200] or "the whole"


class _Reader:
    def __init__(self, file: FileForm, built_in: Collection[str], now: Micros) -> None:
        self._file = file
        self._now = now
        self._left_out: dict[str, None] = {}
        blocks = [*file.blocks, *(each for agent in file.agents for each in _inline(agent))]
        self._blocks = unique("blocks", blocks)
        self._tools = unique("tools", file.tools)
        self._built_in = built_in
        self._custom = {each.name: each for each in file.tools if self._is_custom(each)}
        self._holders: dict[str, Collection[str]] = {}
        """For each block, the messages of the first agent that holds it."""

    def read(self) -> FileRead:
        file = self._file
        unique("agents", file.agents)
        require_few("messages", MOST_MESSAGES, sum(len(each.messages) for each in file.agents))
        passages = sum(len(each.familiar.passages) for each in file.agents if each.familiar)
        require_few("passages", MOST_PASSAGES, passages)
        for what in ("groups", "files", "sources"):
            if getattr(file, what):
                self._leave_out(f"`{what}`: this service has none.")
        custom = [each.name for each in file.tools if self._is_custom(each)]
        require_one_each("tools", custom)
        agents = tuple(self._agent(at, each) for at, each in enumerate(file.agents))
        blocks = tuple(
            read_block(f"blocks[{at}]", each, self._holders.get(each.id, ()))
            for at, each in enumerate(self._blocks.values())
        )
        tools = tuple(read_tool(each) for each in self._custom.values())
        return FileRead(Content(agents, blocks, tools), tuple(self._left_out))

    def _leave_out(self, sentence: str) -> None:
        self._left_out[sentence] = None

    def _is_custom(self, tool: ToolForm) -> bool:
        return bool(tool.source_code) and tool.name not in self._built_in

    def _agent(self, at: int, agent: AgentForm) -> PlainAgent:
        place, ours = f"agents[{at}]", agent.familiar
        held = [*agent.block_ids, *(each.id for each in _inline(agent))]
        require_known(f"{place}.block_ids", held, self._blocks)
        require_known(f"{place}.tool_ids", agent.tool_ids, self._tools)
        require_one_each(f"{place}.block_ids", [self._blocks[each].label for each in held])
        messages = self._messages(place, agent)
        names = {each.name for each in messages}
        for each in held:
            self._holders.setdefault(each, names)
        created = self._now if ours is None else Micros(ours.created_at)
        if ours is None and messages:
            created = min(created, messages[0].created_at)
        plain = PlainAgent(
            name=agent.name,
            system=agent.system or "",
            created_at=created,
            tools=self._tool_names(agent),
            blocks=tuple(held),
            threads=self._threads(place, agent, messages, created),
            messages=messages,
            tags=tuple(dict.fromkeys(agent.tags or ())),
            model=agent.model or (agent.llm_config.handle if agent.llm_config else None),
            context_window=agent.context_window_limit,
            description=agent.description,
            time_zone=self._zone(agent.timezone),
            hidden=bool(agent.hidden),
            metadata=agent.metadata or {},
        )
        return plain if ours is None else _with_ours(place, plain, ours, names)

    def _zone(self, name: str | None) -> str | None:
        try:
            return None if name is None else ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            self._leave_out(f"The time zone {name[:80] if name else name!r}, which isn't known.")
            return None

    def _tool_names(self, agent: AgentForm) -> tuple[str, ...]:
        wanted = (
            [self._tools[each].name for each in agent.tool_ids]
            if agent.familiar is None
            else agent.familiar.tools
        )
        names = []
        for each in wanted:
            name = each if each in self._custom else _RENAMED.get(each, each)
            if name in self._built_in or name in self._custom:
                names.append(name)
            else:
                self._leave_out(f"The tool {each}: it is the other service's own.")
        return tuple(dict.fromkeys(names))

    def _messages(self, place: str, agent: AgentForm) -> tuple[PlainMessage, ...]:
        unique(f"{place}.messages", agent.messages)
        calls: dict[str, str] = {}
        found: list[PlainMessage] = []
        for at, each in enumerate(agent.messages):
            if _is_head(at, each, agent.in_context_message_ids):
                continue
            read = _message(each, calls)
            if read is None:
                self._leave_out(f"Messages of the role {each.role[:80]}.")
                continue
            calls |= {
                part.call.call_id: part.call.name
                for part in read.parts
                if isinstance(part, ToolCallPart)
            }
            before = found[-1].created_at if found else self._now
            ours = each.familiar
            found.append(
                PlainMessage(
                    name=each.id,
                    role=read.role,
                    parts=read.parts,
                    created_at=moment(each.created_at, before),
                    thread=0 if ours is None else ours.thread,
                    meta=None if ours is None else ours.meta,
                    otid=each.otid,
                )
            )
        return tuple(found)

    def _threads(
        self, place: str, agent: AgentForm, messages: Sequence[PlainMessage], created: Micros
    ) -> tuple[PlainThread, ...]:
        in_view = set(agent.in_context_message_ids)
        known = {each.id for each in agent.messages}
        require_known(f"{place}.in_context_message_ids", in_view, known)
        if agent.familiar is None or not agent.familiar.threads:
            first = next((each.name for each in messages if each.name in in_view), None)
            threads: tuple[PlainThread, ...] = (PlainThread(created, first=first),)
        else:
            threads = tuple(
                PlainThread(
                    Micros(each.created_at),
                    each.audience,
                    each.first,
                    each.summary,
                    each.summary_origin,
                )
                for each in agent.familiar.threads
            )
        for number, thread in enumerate(threads):
            mine = {each.name for each in messages if each.thread == number}
            first_of = () if thread.first is None else (thread.first,)
            require_known(f"{place}.familiar.threads[{number}].first", first_of, mine)
        if any(each.thread >= len(threads) for each in messages):
            raise wrong(f"{place}.messages", "one is of a thread that isn't there")
        return threads


def _inline(agent: AgentForm) -> list[BlockForm]:
    """Blocks that stand in the agent itself."""
    return [
        BlockForm.model_construct(**dict(each), id=f"{agent.id}.memory_blocks[{at}]")
        for at, each in enumerate(agent.memory_blocks or ())
    ]


def _with_ours(place: str, plain: PlainAgent, ours: OurAgent, names: Collection[str]) -> PlainAgent:
    caused = [each.message for each in ours.passages if each.message is not None]
    require_known(f"{place}.familiar.passages", caused, names)
    return replace(
        plain,
        passages=tuple(
            PlainPassage(
                each.text, tuple(each.tags), each.origin, Micros(each.created_at), each.message
            )
            for each in ours.passages
        ),
        template=ours.template,
        owner_kind=ours.owner_kind,
        model=ours.model,
        context_window=ours.context_window,
        limits={str(name): value for name, value in ours.limits.items()},
        extras=ours.extras,
    )


def _is_head(at: int, message: MessageForm, in_context: Sequence[str]) -> bool:
    """Whether it is the prompt's head, which is made anew here."""
    if message.familiar is not None:
        return message.familiar.head
    return message.role == "system" and (at == 0 or message.id == next(iter(in_context), None))


def _message(message: MessageForm, calls: Mapping[str, str]) -> Plain | None:
    plain, ours = read_plain(message, calls), message.familiar
    if ours is None:
        return plain
    role = ours.role or (Role.SYSTEM if plain is None else plain.role)
    parts = () if plain is None else plain.parts
    return Plain(role, parts if ours.parts is None else ours.parts)
