"""One agent's messages and passages, copied page by page. Each page is appended together with the
mark that says that it is there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from agentcore.clock import Clock
from agentcore.records import AgentId
from agentcore.store.agent_content import More
from bot.door.content import more_codec
from bot.moving_in.shapes import grouped, plain_message, plain_passage, texts_in
from bot.moving_in.source import LettaSource, Record, SourceFailed, path_of

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Has a command of the service carried out."""

Group = tuple[str, list[Record]]
"""A message's id, and what the other server tells of it, in one record or several."""


class History:
    """What an agent of another server has heard, said and kept.

    Args:
        agent: its state there, and `agent_id` what it is here.
        mark: up to where it is here already.
    """

    def __init__(
        self,
        source: LettaSource,
        ask: Ask,
        clock: Clock,
        agent: Record,
        agent_id: AgentId,
        mark: Mapping[str, str],
    ) -> None:
        self._source = source
        self._ask = ask
        self._clock = clock
        self._messages = path_of(agent["id"], "messages")
        self._passages = path_of(agent["id"], "archival-memory")
        self._agent_id = agent_id
        self._mark = dict(mark)
        in_view = texts_in(agent, "message_ids")
        self._head = next(iter(in_view), None)
        """The prompt's head, which is made anew here."""
        self._in_view = frozenset(in_view[1:])
        self._calls: dict[str, str] = {}

    async def copy_messages(self, tell: Callable[[int], None]) -> int:
        """Those that came after the last one that is here. Returns how many there were."""
        copied, held = 0, list[Record]()
        async for page in self._new("messages", self._messages, {"order": "asc"}):
            groups = grouped([*held, *page])
            # Records of the last message may go on on the next page.
            held = groups[-1][1]
            copied += await self._append(groups[:-1])
            tell(copied)
        return copied + await self._append(grouped(held))

    async def copy_passages(self) -> int:
        """The same for its archive."""
        copied = 0
        async for page in self._new("passages", self._passages, {"ascending": "true"}):
            now = self._clock.now()
            passages = tuple(plain_passage(each, now) for each in page)
            self._mark["passages"] = str(page[-1]["id"])
            copied += await self._send(More(self._agent_id, (), passages, dict(self._mark)))
        return copied

    async def _new(
        self, kind: str, path: str, query: Mapping[str, Any]
    ) -> AsyncGenerator[list[Record], None]:
        """The pages behind the last record that is here; all, where that is gone there."""
        after, begun = self._mark.get(kind), False
        try:
            async for page in self._source.pages(path, query, after=after):
                begun = True
                yield page
        except SourceFailed as failed:
            if after is None or begun or failed.status != httpx.codes.NOT_FOUND:
                raise
            # What is here already is let be.
            async for page in self._source.pages(path, query):
                yield page

    async def _append(self, groups: Sequence[Group]) -> int:
        copied, now = 0, self._clock.now()
        for piece in self._by_view(groups):
            read = (
                plain_message(name, records, self._calls, now)
                for name, records in piece
                if name != self._head
            )
            messages = tuple(each for each in read if each is not None)
            self._mark["messages"] = piece[-1][0]
            more = More(
                self._agent_id,
                messages,
                mark=dict(self._mark),
                in_view=self._mark.get("in_view") == "yes",
            )
            copied += await self._send(more)
        return copied

    def _by_view(self, groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
        """In one or two pieces; what is in view begins with the second."""
        first = 0
        if self._mark.get("in_view") != "yes":
            found = (at for at, (name, _) in enumerate(groups) if name in self._in_view)
            first = next(found, len(groups))
        if groups[:first]:
            yield groups[:first]
        if groups[first:]:
            self._mark["in_view"] = "yes"
            yield groups[first:]

    async def _send(self, more: More) -> int:
        arguments = {"more": more_codec.dump_python(more, mode="json")}
        return int((await self._ask("content.append", arguments))["added"])
