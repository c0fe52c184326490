"""Views of agents, with what stands beside each: read at once for all of a page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adapters.web.rest.agents.identities import identity_view
from adapters.web.rest.agents.views import Besides, View, agent_view, includes
from adapters.web.rest.seams.backend import Backend
from agentcore.records import AgentId, AgentView
from agentcore.records.identities import IdentitiesByAgent


class AgentShowing:
    """One for the routes of a resource."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._built_in = frozenset(each.name for each in backend.offers.tools)

    async def view(self, view: AgentView, include: Collection[str] = ()) -> View:
        """The API's AgentState; `include`: what is wanted besides what it always has."""
        (shown,) = await self.views([view], include)
        return shown

    async def views(
        self, found: Sequence[AgentView], include: Collection[str] = ()
    ) -> Sequence[View]:
        """The same of many."""
        store, offers = self._backend.store, self._backend.offers
        names = {name for view in found for name in view.agent.tools} - self._built_in
        custom = await store.custom_tools.named(sorted(names)) if names else ()
        people = None
        if includes(include, "identities"):
            people = await store.identities.of_agents([view.agent.agent_id for view in found])
        return [
            agent_view(
                view,
                offers,
                Besides(
                    custom, self._people(view.agent.agent_id, people), includes(include, "secrets")
                ),
            )
            for view in found
        ]

    def _people(self, agent_id: AgentId, people: IdentitiesByAgent | None) -> list[View] | None:
        if people is None:
            return None
        keys = self._backend.identity_keys
        return [identity_view(each, keys) for each in people.get(agent_id, ())]
