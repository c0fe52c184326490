"""The engine's front door: runs a claimed turn to its end, and puts memories in order."""

from __future__ import annotations

from agentcore.loop.control import TurnControl
from agentcore.loop.joining import proposed as propose_joining
from agentcore.loop.sleeping import Bedroom, Sleeper, SleepReport
from agentcore.loop.turn import TurnRun
from agentcore.loop.workshop import TurnEdge, Workshop
from agentcore.records import OWNER, Claim, TurnEnd
from agentcore.store import Store

__all__ = [
    "AgentCore",
    "Bedroom",
    "SleepReport",
    "Sleeper",
    "TurnControl",
    "TurnEdge",
    "Workshop",
    "propose_joining",
]


class AgentCore:
    """Turns for any number of agents at once; it keeps nothing between them."""

    def __init__(self, store: Store, shop: Workshop) -> None:
        self._store = store
        self._shop = shop

    async def run_turn(
        self,
        claim: Claim,
        edge: TurnEdge,
    ) -> TurnEnd:
        """Run a turn of messages; every commit is fenced by the claim.

        Raises:
            Fenced: another worker holds the agent now.
            ModelUnavailable: no model can be reached; hand the turn back and try later.
            NotFound: the agent is gone, or its model isn't allowed here.
        """
        door = self._store.for_agent(claim.agent_id, OWNER)
        turn = await TurnRun.start(self._shop, door, claim, edge)
        return await turn.run()
