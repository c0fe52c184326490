"""Looking back: what an agent has heard and said, page by page.

A page is in the order in which things were said, whichever way it was cut: the newest messages
unless `order=asc`, before or after a cursor. It counts messages as they are stored, each of which
may show as several of the API. The first page of a history begins with the agent's instructions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.web.rest.http.answers import second
from adapters.web.rest.turns.message_views import (
    Setting,
    Shape,
    View,
    instructions_id,
    instructions_view,
    message_views,
)
from agentcore.records import AgentId, Role
from agentcore.store import AgentStore
from agentcore.store.pages import PagedMessage, PageQuery

_ROLES: Mapping[str, frozenset[Role]] = {
    "system_message": frozenset({Role.SYSTEM, Role.NOTE}),
    "user_message": frozenset({Role.USER}),
    "tool_return_message": frozenset({Role.TOOL}),
    "summary_message": frozenset({Role.SUMMARY}),
}
_SAID = frozenset({Role.ASSISTANT})


def roles_of(shape: Shape) -> frozenset[Role]:
    """Which messages can show as what a client wants to see."""
    wanted = shape.types if shape.assistant_messages else shape.types | {"tool_call_message"}
    return frozenset[Role]().union(*(_ROLES.get(each, _SAID) for each in wanted))


def paged_views(paged: PagedMessage, shape: Shape) -> list[View]:
    """A message of a page, with what it was said in."""
    return message_views(paged.message, Setting(paged.turn_id, paged.step_id), shape)


@dataclass(frozen=True, slots=True)
class History:
    """One agent's history as one client wants to see it."""

    door: AgentStore
    agent_id: AgentId
    shape: Shape

    async def page(self, query: PageQuery) -> Sequence[View]:
        """A page, with something in it unless there is nothing more.

        Raises:
            NotFound: there is no such cursor, conversation or run.
        """
        first = instructions_id(self.agent_id)
        if query.before == first:
            return []
        begins = query.after is None
        if query.after == first:
            query = replace(query, after=None)
        opened = query.ascending and begins and "system_message" in self.shape.types
        found = await self._filled(replace(query, limit=query.limit - opened))
        views = [view for each in found for view in paged_views(each, self.shape)]
        at_start = begins and (query.ascending or len(found) < query.limit)
        if at_start and "system_message" in self.shape.types:
            agent = await self.door.agent()
            views.insert(
                0, instructions_view(agent.agent_id, agent.system, second(agent.created_at))
            )
        return views

    async def _filled(self, query: PageQuery) -> Sequence[PagedMessage]:
        """Messages that show something; a page of others is passed over."""
        if query.limit == 0:
            return ()
        query = replace(query, roles=roles_of(self.shape))
        while True:
            page = await self.door.pages.messages(query)
            if len(page) < query.limit or any(paged_views(each, self.shape) for each in page):
                return page
            end = page[-1 if query.ascending else 0].message.message_id
            query = replace(query, after=end) if query.ascending else replace(query, before=end)
