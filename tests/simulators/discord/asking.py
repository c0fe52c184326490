"""What a client asks for, and what it is told where that is refused."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import discord
import pytest

from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener


async def refused(awaitable: Awaitable[Any], status: int, code: int) -> str:
    """Wait for what is to be refused so; what the refusal says."""
    with pytest.raises(discord.HTTPException) as caught:
        await awaitable
    assert (caught.value.status, caught.value.code) == (status, code)
    return caught.value.text


def there(client: Listener, channel: Channel) -> discord.TextChannel:
    """A channel as the client knows it."""
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found
