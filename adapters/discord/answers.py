"""What is said through one interaction: that it was noticed, and what can't wait for an answer.

The first of it has to reach Discord within three seconds. A call whose outcome nobody knows is
made again: Discord refuses a second one, which then means that the first was carried out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

import anyio
import discord
import structlog
from discord import ui

from adapters.discord.failures import TROUBLE
from adapters.discord.handles import Handle
from adapters.splitting import split

MOST_TEXT = 2_000
SECONDS = 2.7
"""How long the first call may take, of the three seconds since the person's deed."""

_TRIES = 3
_ANSWERED_BEFORE = 40060
_UNKNOWN_INTERACTION = 10062

Noticed = Literal["not yet", "yes", "perhaps", "too late"]

_log = structlog.get_logger(__name__)


def answered_by(client: discord.Client, interaction: discord.Interaction) -> None:
    """The interaction is answered over this client's connections: the one that told of it may end
    before the answer is there.
    """
    http: Any = client.http
    interaction._session = http._HTTPClient__session  # noqa: SLF001
    told: Any = {"id": interaction.application_id, "type": 3, "token": interaction.token}
    state = client._connection  # noqa: SLF001
    kept: Any = interaction
    kept._cs_followup = discord.Webhook.from_state(data=told, state=state)  # noqa: SLF001


class Answers:
    """The answers to one interaction. None of these raises if Discord won't have it."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self.noticed: Noticed = "not yet"
        self._interaction = interaction
        self._ephemeral = False
        self._announced = False
        self._began_at = anyio.current_time()

    @property
    def seconds_left(self) -> float:
        """For the first call."""
        return max(0.0, self._began_at + SECONDS - anyio.current_time())

    async def announce(self, *, ephemeral: bool) -> None:
        """Discord shows that an answer is being made."""
        self._ephemeral, self._announced = ephemeral, True
        response = self._interaction.response
        await self._first(lambda: response.defer(ephemeral=ephemeral, thinking=True))

    async def acknowledge(self, *, ephemeral: bool) -> None:
        """Of something done to a message. Nothing is shown; `ephemeral`: answers will be."""
        self._ephemeral = ephemeral
        await self._first(self._interaction.response.defer)

    async def show(self, modal: ui.Modal) -> None:
        """A form to fill in."""
        await self._first(lambda: self._interaction.response.send_modal(modal))

    def handle(self) -> Handle | None:
        """What later answers go through; None where only the chat is left, which all may read."""
        if self.noticed == "too late" and not self._ephemeral:
            return None
        interaction = self._interaction
        return Handle(
            interaction.id,
            interaction.token,
            interaction.user.id,
            ephemeral=self._ephemeral,
            announced=self._announced,
        )

    async def say(self, text: str) -> None:
        """For the person's eyes only, in place of what was announced."""
        first, *others = split(text, MOST_TEXT) or [""]
        if not first:
            await self.take_back()
            return
        if self.noticed == "not yet":
            self._ephemeral = True
            await self._first(lambda: self._respond(first))
        elif self._announced and self._ephemeral:
            await self._try(lambda: self._interaction.edit_original_response(content=first))
        else:
            await self.take_back()
            others = [first, *others]
        for each in others:
            await self._try(partial(self._follow_up, each), tries=1)

    async def take_back(self) -> None:
        """No answer will come."""
        if self._announced:
            self._announced = False
            await self._try(self._interaction.delete_original_response)

    async def put_away(self, message: discord.Message) -> None:
        """Take the buttons off the message that was acted upon."""
        if self.noticed != "too late":
            await self._try(lambda: self._interaction.edit_original_response(view=None))
        elif not message.flags.ephemeral:
            await self._try(lambda: message.edit(view=None))

    def _respond(self, text: str) -> Awaitable[object]:
        return self._interaction.response.send_message(text, ephemeral=True, suppress_embeds=True)

    def _follow_up(self, text: str) -> Awaitable[object]:
        return self._interaction.followup.send(text, ephemeral=True, suppress_embeds=True)

    async def _first(self, call: Callable[[], Awaitable[object]]) -> None:
        self.noticed = "perhaps"
        with anyio.move_on_after(self.seconds_left):
            for _ in range(_TRIES):
                try:
                    await call()
                except discord.HTTPException as error:
                    if error.code == _ANSWERED_BEFORE:
                        break
                    if error.code == _UNKNOWN_INTERACTION:
                        self.noticed = "too late"
                    self._log("an interaction was not acknowledged", error)
                    return
                except TROUBLE as error:
                    self._log("an interaction may not be acknowledged", error)
                    continue
                except Exception as error:  # noqa: BLE001 - an answer that the library can't read
                    self._log("an interaction may not be acknowledged", error)
                    return
                break
            else:
                return
            self.noticed = "yes"

    async def _try(self, call: Callable[[], Awaitable[object]], *, tries: int = _TRIES) -> None:
        for _ in range(tries):
            try:
                await call()
            except discord.HTTPException as error:
                self._log("an answer could not be shown", error)
                return
            except TROUBLE as error:
                self._log("an answer may not be shown", error)
                continue
            return

    def _log(self, event: str, error: Exception) -> None:
        _log.warning(
            event,
            interaction=self._interaction.id,
            error=type(error).__name__,
            code=getattr(error, "code", None),
        )
