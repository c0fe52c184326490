"""What the service provides for the API."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.web.rest.seams.callers import Admittance, Caller
from adapters.web.rest.seams.contexts import Contexts
from adapters.web.rest.seams.following import Newsroom, Outside
from adapters.web.rest.seams.identity_keys import IdentityKeys
from adapters.web.rest.seams.model_list import ModelList
from adapters.web.rest.seams.offers import ApiOffers
from adapters.web.rest.seams.running import RunDesk
from agentcore.clock import Clock
from agentcore.records import AgentId
from agentcore.store import AgentStore, Store
from agentcore.tools.code import CodeRunner


@dataclass(frozen=True, slots=True)
class Backend:
    """The engine's seams, and the service's own."""

    store: Store
    admittance: Admittance
    clock: Clock
    offers: ApiOffers
    models: ModelList
    desk: RunDesk
    identity_keys: IdentityKeys
    code: CodeRunner
    newsroom: Newsroom
    outside: Outside
    contexts: Contexts

    def door(self, caller: Caller, agent_id: str) -> AgentStore:
        """An agent's content, for a caller.

        Raises:
            NotFound: there is none of that id for this caller.
        """
        caller.require_agent(agent_id)
        return self.store.for_agent(AgentId(agent_id), caller.actor)
