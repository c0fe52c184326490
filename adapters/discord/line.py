"""The line to Discord while the adapter runs: calls over REST, with what refusals teach.

The library waits where Discord says how long, up to its own `max_ratelimit_timeout`, and repeats
what Discord's servers had trouble with; a letter's nonce makes that harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import discord
import structlog
from discord.http import Route

from adapters.discord.failures import (
    TROUBLE,
    failure_of,
    is_about_the_message,
)
from adapters.discord.handles import Handle
from adapters.discord.letters import (
    Letter,
    adjusted,
    changed_message,
    follow_up,
    new_message,
    parts_of,
)
from adapters.discord.wire import Wire

_log = structlog.get_logger(__name__)

SIGN_PATIENCE = 3.0
"""Seconds that a call may take that nothing depends on: an answer may be waiting behind it."""
_PATIENCE = 40.0
"""The library comes back from a call that used up a limit only when there is room again."""

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"


class Line:
    """For one run of the adapter. What isn't said to raise otherwise raises one of `TROUBLE`."""

    def __init__(self, client: discord.Client, wire: Wire) -> None:
        self._client = client
        self.wire = wire

    # Messages

    async def post(self, channel: int, letter: Letter) -> int:
        """Send it, if need be in another way; the message's id."""
        route = Route("POST", _MESSAGES, channel_id=channel)
        return await self._written(route, letter, new_message)

    async def edit(self, channel: int, message_id: int, letter: Letter) -> bool:
        """Put it in a message's place. False: there is none any more that could be edited.

        Raises:
            DeliveryError: it wasn't done, or may have been; it may be repeated.
        """
        route = Route("PATCH", _MESSAGE, channel_id=channel, message_id=message_id)
        try:
            await self._written(route, letter, changed_message)
        except TROUBLE as error:
            if is_about_the_message(error):
                return False
            raise failure_of(error) from error
        return True

    async def delete(self, channel: int, message_id: int) -> None:
        """Take a message of ours away, if that can be done."""
        route = Route("DELETE", _MESSAGE, channel_id=channel, message_id=message_id)
        try:
            await self.called(route, patience=_PATIENCE)
        except TROUBLE as error:
            if not is_about_the_message(error):
                _log.warning("a preview stays", error=type(error).__name__)

    async def type(self, channel: int) -> None:
        """Show that the bot writes."""
        route = Route("POST", "/channels/{channel_id}/typing", channel_id=channel)
        await self.called(route, patience=SIGN_PATIENCE)

    async def private_channel(self, person: int) -> int:
        """The id of a person's private chat, made if there is none yet."""
        asked = {"recipient_id": str(person)}
        told = await self.called(Route("POST", "/users/@me/channels"), json=asked)
        return int(told["id"])

    # Answers to interactions

    async def fill(self, handle: Handle, letter: Letter) -> int:
        """Put it in the place of the first answer, announced or not. May be repeated."""
        return await self._written(self._hook("PATCH", _ORIGINAL, handle), letter, changed_message)

    async def follow_up(self, handle: Handle, letter: Letter) -> int:
        """Answer once more. There is no nonce: a try whose outcome nobody knows may be seen twice
        when it is repeated.
        """
        return await self._written(self._hook("POST", _HOOK, handle), letter, follow_up)

    def _hook(self, method: str, path: str, handle: Handle) -> Route:
        return Route(
            method, path, webhook_id=self._client.application_id, webhook_token=handle.token
        )

    # Calls

    async def _written(
        self, route: Route, letter: Letter, asked: Callable[[Letter], dict[str, Any]]
    ) -> int:
        """The id of the message that comes of it."""
        while True:
            try:
                told = await self._call_with(route, letter, asked(letter))
            except discord.HTTPException as error:
                instead = adjusted(letter, error)
                if instead is None:
                    raise
                _log.info("discord minds: asked for less", status=error.status, code=error.code)
                letter = instead
            else:
                return int(told["id"])

    async def _call_with(self, route: Route, letter: Letter, asked: dict[str, Any]) -> Any:
        if letter.file is None:
            return await self.called(route, patience=letter.patience, json=asked)
        form = parts_of(asked, letter.file)
        return await self.called(route, patience=letter.patience, form=form)

    async def called(self, route: Route, *, patience: float = _PATIENCE, **asked: Any) -> Any:
        """What Discord answers."""
        self.wire.caution.check_token()
        try:
            with anyio.fail_after(patience):
                answer = await self._client.http.request(route, **asked)
        except TROUBLE as error:
            self.wire.caution.refused(error)
            raise
        self.wire.caution.taken()
        return answer
