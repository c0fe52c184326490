"""Moving agents in, one after the other. Where it stops, at whatever point, it goes on: what an agent
has read so far is kept with it, in the same transaction as what was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agentcore.clock import Clock
from agentcore.errors import BadInput
from agentcore.records import AgentId
from agentcore.records.content import Content, PlainTool
from bot.door.content import content_codec
from bot.moving_in.history import Ask, History
from bot.moving_in.shapes import (
    blocks_of,
    handle_of,
    plain_agent,
    plain_block,
    plain_tool,
    records_in,
    shown,
    text_in,
    texts_in,
    wanted_id,
)
from bot.moving_in.source import LettaSource, Record, path_of

LONGEST_KEY = 500
"""Characters of what an identity is known by."""
Tell = Callable[[str], None]
"""Says how it goes."""

_RENAMED = {
    "core_memory_append": "memory_insert",
    "core_memory_replace": "memory_replace",
    "rethink_memory": "memory_rethink",
}


@dataclass(slots=True)
class Report:
    """What came here. `left_out` are sentences on what couldn't."""

    agents: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, None] = field(default_factory=dict)
    tools_to_switch_on: dict[str, None] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {
            "agents": self.agents,
            "left_out": list(self.left_out),
            "tools_to_switch_on": list(self.tools_to_switch_on),
        }


class Moving:
    """One run of `familiar import letta`."""

    def __init__(self, source: LettaSource, ask: Ask, tell: Tell, clock: Clock) -> None:
        self._source = source
        self._ask = ask
        self._tell = tell
        self._clock = clock
        self._report = Report()

    async def run(self, wanted: Collection[str], *, dry: bool) -> Report:
        """Move these agents in (by id or name; none: all).

        Raises:
            SourceFailed: the other server doesn't answer as it should.
            BadInput: one of the wanted agents isn't there.
        """
        listed = await self._source.whole("/v1/agents/", {"order": "asc"})
        once = {str(agent["id"]): agent for agent in listed}
        everyone = [await self._in_full(agent) for agent in once.values()]
        agents = _chosen(everyone, wanted)
        holders = Counter(str(block["id"]) for agent in everyone for block in blocks_of(agent))
        shared = {block_id for block_id, count in holders.items() if count > 1}
        here = await self._ask("content.here", {})
        for number, agent in enumerate(agents, start=1):
            tools = self._tools(agent, here["tools"])
            name = f"{number}/{len(agents)} {shown(text_in(agent, 'name'))}"
            if dry:
                self._tell(f"{name}: {len(blocks_of(agent))} blocks, {len(tools)} tools")
                self._report.agents.append({"id": agent["id"], "name": text_in(agent, "name", 200)})
                continue
            await self._agent(agent, name, shared, here, tools)
        if not dry:
            await self._identities(agents)
        return self._report

    async def _in_full(self, agent: Record) -> Record:
        """The agent's state: some servers list agents without what belongs to them, or without
        what they have in view.
        """
        has_parts = blocks_of(agent) or records_in(agent, "tools")
        if has_parts and agent.get("message_ids") is not None:
            return agent
        query = {"include": ["agent.blocks", "agent.tools", "agent.tags"]}
        found = await self._source.get(path_of(agent["id"]), query)
        return found if isinstance(found, dict) and found.get("id") == agent["id"] else agent

    async def _agent(
        self,
        agent: Record,
        name: str,
        shared: Collection[str],
        here: Mapping[str, Any],
        tools: Sequence[str],
    ) -> None:
        agent_id, mark = await self._made(agent, shared, here, tools)
        history = History(self._source, self._ask, self._clock, agent, agent_id, mark)
        copied = await history.copy_messages(
            lambda count: self._tell(f"{name}: {count:,} messages")
        )
        passages = await history.copy_passages()
        self._tell(f"{name}: {agent_id}, {copied:,} messages and {passages:,} passages")
        self._report.agents.append(
            {
                "id": agent_id,
                "name": text_in(agent, "name", 200),
                "was": agent["id"],
                "messages": copied,
                "passages": passages,
            }
        )

    async def _made(
        self,
        agent: Record,
        shared: Collection[str],
        here: Mapping[str, Any],
        tools: Sequence[str],
    ) -> tuple[AgentId, dict[str, str]]:
        """The agent's id here, and up to where it was read; made now, unless an earlier run did."""
        mine = {"url": self._source.url, "id": str(agent["id"])}
        for agent_id in wanted_id(agent, self._source.url):
            found = await self._ask("content.mark", {"agent_id": agent_id})
            mark = dict(found["mark"])
            if {name: mark.get(name) for name in mine} == mine:
                return agent_id, mark
            if not found["there"]:
                break
        else:
            msg = f"{agent_id} is here already, and isn't the agent {agent['id']} of that server."
            raise BadInput(msg)
        if str(agent["id"]) != agent_id:
            self._leave_out(f"The id {agent['id']}: it is another agent's here.")
        content = Content(
            (
                replace(
                    plain_agent(agent, tools, self._model(agent, here), mine, self._clock.now()),
                    agent_id=agent_id,
                ),
            ),
            tuple(plain_block(each, shared=each["id"] in shared) for each in blocks_of(agent)),
            self._sources(agent, tools),
        )
        taken_in = await self._ask(
            "content.add", {"content": content_codec.dump_python(content, mode="json")}
        )
        for tool in taken_in["new_tools"]:
            self._report.tools_to_switch_on[tool] = None
        for tool in taken_in["kept_tools"]:
            self._leave_out(f"The tool {shown(tool)}: another one has this name here.")
        return AgentId(taken_in["agents"][0]), mine

    def _tools(self, agent: Record, built_in: Collection[str]) -> list[str]:
        names = []
        for tool in records_in(agent, "tools"):
            name = text_in(tool, "name", 200)
            if not name:
                continue
            custom = plain_tool(tool) is not None and name not in built_in
            name = name if custom else _RENAMED.get(name, name)
            if custom or name in built_in:
                names.append(name)
            else:
                self._leave_out(f"The tool {shown(name)}: it is the other server's own.")
        return list(dict.fromkeys(names))

    def _sources(self, agent: Record, tools: Sequence[str]) -> tuple[PlainTool, ...]:
        found = (plain_tool(each) for each in records_in(agent, "tools"))
        by_name = {each.name: each for each in found if each is not None and each.name in tools}
        return tuple(by_name.values())

    def _model(self, agent: Record, here: Mapping[str, Any]) -> str | None:
        handle = handle_of(agent)
        if handle is None or handle in here["models"]:
            return handle
        self._leave_out(
            f"The model {shown(handle)}: it isn't offered here, so the service's own is used."
        )
        return None

    async def _identities(self, agents: Sequence[Record]) -> None:
        """Whom the agents answer."""
        ids = {
            str(agent["id"]): each["id"]
            for agent, each in zip(agents, self._report.agents, strict=True)
        }
        found = await self._source.whole("/v1/identities/", {"order": "asc"}, optional=True)
        for each in found:
            holders = [ids[name] for name in texts_in(each, "agent_ids") if name in ids]
            if not holders:
                continue
            key = each.get("identifier_key")
            if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
                self._leave_out(f"The identity {each['id']}: it has no key that can be kept.")
                continue
            told = {
                name: text_in(each, name) for name in ("identifier_key", "name", "identity_type")
            }
            answer = await self._ask("content.identity", {"identity": told, "agents": holders})
            if answer["refused"]:
                self._leave_out(f"The identity {shown(key)}: {answer['refused']}")

    def _leave_out(self, sentence: str) -> None:
        if sentence not in self._report.left_out:
            self._report.left_out[sentence] = None


def _chosen(everyone: Sequence[Record], wanted: Collection[str]) -> list[Record]:
    if not wanted:
        return list(everyone)
    found = [each for each in everyone if {str(each["id"]), str(each.get("name"))} & set(wanted)]
    known = {name for each in found for name in (str(each["id"]), str(each.get("name")))}
    if missing := [name for name in wanted if name not in known]:
        msg = f"There is no agent {', '.join(missing)} on that server, neither by id nor by name."
        raise BadInput(msg)
    return found
