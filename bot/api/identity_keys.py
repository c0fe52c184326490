"""Identifier keys: how clients of the API name people, read against the platforms that there are."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.addresses import ChatAddress
from agentcore.errors import BadInput
from agentcore.records import API_PLATFORM, IdentityKey

PLATFORMS = frozenset({"telegram", "discord"})
"""Their keys mean people there, whether or not this process has them."""
OWN_PLATFORMS = frozenset({"terminal", "web"})


class PlatformKeys:
    """`IdentityKeys` over the adapters of a service, whose names are `platform:account`.

    `telegram:123456:987` is who has the number 987 on Telegram, met by the bot 123456. While one bot
    of a platform runs, its number may be left out. A key of any other form is the client's own.
    """

    def __init__(self, adapters: Mapping[str, object]) -> None:
        self._accounts: dict[str, list[str]] = {name: [] for name in PLATFORMS}
        for name in adapters:
            platform, _, account = name.partition(":")
            self._accounts.setdefault(platform, []).append(account)

    def read(self, key: str) -> IdentityKey:
        """See `IdentityKeys.read`."""
        fields = key.split(":")
        platform = fields[0]
        if platform in self._accounts and len(fields) == 2:
            fields.insert(1, self._only_account(platform))
        if platform not in {*self._accounts, *OWN_PLATFORMS} or len(fields) < 3:
            return IdentityKey(API_PLATFORM, "", key)
        try:
            address = ChatAddress.parse(":".join(fields))
        except ValueError as error:
            raise _unreadable(platform) from error
        if address.topic is not None or not address.chat:
            raise _unreadable(platform)
        return IdentityKey(address.platform, address.account, address.chat)

    def _only_account(self, platform: str) -> str:
        accounts = self._accounts[platform]
        if len(accounts) == 1:
            return accounts[0]
        why = "no" if not accounts else "more than one"
        msg = (
            f"Name the bot as well, {platform}:<bot id>:<user id>: {why} {platform} bot runs here, so "
            "the short form doesn't say which is meant."
        )
        raise BadInput(msg)

    def tell(self, key: IdentityKey) -> str:
        """See `IdentityKeys.tell`."""
        if key.platform == API_PLATFORM:
            return key.external_id
        return str(ChatAddress(key.platform, key.account, key.external_id))


def _unreadable(platform: str) -> BadInput:
    return BadInput(
        f"An identifier_key of {platform} is {platform}:<bot id>:<user id>, with %3A for a colon and "
        "%25 for a per cent sign within the parts."
    )
