"""What buttons with a form ask for, as the service carries it out: `adapters.base.Forms`."""

from __future__ import annotations

from adapters.base import Inbound, Receipt
from adapters.delivery import Form
from agentcore.records import OWNER
from agentcore.store import Store
from bot.chat.pressing import button_of, refused
from bot.commands.editing import form_for


class StoredForms:
    """`Forms` over the store. All there are change a line of the memory, and show it as it reads
    now: as the sender was shown it, or they are refused.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def form(self, press: Inbound) -> Form | Receipt:
        """See `Forms.form`."""
        pressed = await button_of(press, self._store.chats)
        if isinstance(pressed, Receipt):
            return pressed
        if pressed.action.kind != "form" or pressed.agent_id is None:
            return refused("refused.press_gone", press)
        blocks = await self._store.for_agent(pressed.agent_id, OWNER).blocks()
        form = form_for(pressed.action.command, blocks, press.sender.language)
        return form or refused("refused.line_changed", press)
