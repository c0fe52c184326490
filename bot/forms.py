"""What buttons with a form ask for, as the service carries it out: `adapters.base.Forms`."""

from __future__ import annotations

from adapters.base import Inbound, Receipt
from adapters.delivery import Form
from agentcore.store import Store
from bot.pressing import as_command
from bot.texts import text_of


class StoredForms:
    """`Forms` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def form(self, press: Inbound) -> Form | Receipt:
        """See `Forms.form`."""
        meant = await as_command(press, self._store.chats)
        if isinstance(meant, Receipt):
            return meant
        return Receipt("refused", text=text_of("refused.press_gone", {}, press.sender.language))
