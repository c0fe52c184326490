"""How queued commands are carried out."""

from __future__ import annotations

from agentcore.clock import Clock
from agentcore.errors import BlockConflict
from agentcore.records import OWNER, Claim, StopReason, TurnEnd
from agentcore.store import Store
from agentcore.store.gate import Composer
from bot.commands.base import InLine, Line
from bot.commands.registry import COMMANDS
from bot.offers import Offers

TRIES = 5


class CommandRunner:
    """Runs the queued commands that the dispatcher claims."""

    def __init__(self, store: Store, offers: Offers, composer: Composer, clock: Clock) -> None:
        self._store = store
        self._offers = offers
        self._composer = composer
        self._clock = clock

    async def run(self, claim: Claim) -> TurnEnd | None:
        """Do it in one commit. None: nothing was committed, it is for the model to answer.

        Raises:
            Fenced: another worker holds the agent.
            BlockConflict: the memory kept changing underneath.
        """
        command = COMMANDS[claim.first.command or ""]
        if not isinstance(command, InLine):  # the gate has answered all others
            msg = f"/{command.name} was queued"
            raise TypeError(msg)
        door = self._store.for_agent(claim.agent_id, OWNER)
        line = Line(claim, door, self._offers, self._composer, self._clock)
        for attempt in range(1, TRIES + 1):
            step = await command.run(line)
            if step is None:
                return None
            try:
                await door.commit(claim, step)
            except BlockConflict:
                if attempt == TRIES:
                    raise
                continue
            break
        return TurnEnd(StopReason.END_TURN)
