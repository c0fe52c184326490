"""The kinds of values a setting can have beyond numbers and choices.

Each check raises a ValueError whose message follows the setting's name in a sentence ("… must be
one word") and quotes nothing of the value: people do paste keys into the wrong line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr

from agentcore.model import Price
from config.database_url import DatabaseUrl, parse_database_url

_LONGEST_WORD = 200
_LONGEST_SECRET = 4_000
_DEAREST = 100_000


def _parse_database(value: object) -> object:
    return parse_database_url(value) if isinstance(value, str) else value


def _check_word(text: str) -> str:
    if not _is_word(text, _LONGEST_WORD):
        raise ValueError(f"must be one word of at most {_LONGEST_WORD} characters")
    return text


def _check_secret(secret: SecretStr) -> SecretStr:
    if not _is_word(secret.get_secret_value(), _LONGEST_SECRET):
        raise ValueError("must be one word, without spaces or line breaks")
    return secret


def _spelt(pattern: str, wanted: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if re.fullmatch(pattern, secret.get_secret_value()) is None:
            raise ValueError(f"must be {wanted}")
        return secret

    return AfterValidator(check)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host. A name may resolve to anything."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_word(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable() and " " not in text


def _check_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be the name of a time zone, such as Europe/Lisbon") from None
    return text


def _split_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = (part.strip() for part in value.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _address(*schemes: str) -> AfterValidator:
    def check(text: str) -> str:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        refusal = ValueError(f"must be an address that starts with {wanted}")
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:  # its own message would quote the address
            raise refusal from None
        if parts.scheme not in schemes or not parts.hostname:
            raise refusal
        if parts.username is not None:
            raise ValueError("holds a user name or password; keys have settings of their own")
        return text.rstrip("/")

    return AfterValidator(check)


def _parse_price(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        prompt, completion = (float(part) for part in value.split("/"))
    except ValueError:
        prompt = completion = -1.0
    if not (0 <= prompt <= _DEAREST and 0 <= completion <= _DEAREST):
        msg = "must be two amounts of US dollars for a million tokens, such as 3/15 (read/written)"
        raise ValueError(msg)
    return Price(prompt, completion)


ModelPrice = Annotated[Price, BeforeValidator(_parse_price)]
"""What a model charges, as `prompt/completion`."""

Word = Annotated[str, AfterValidator(_check_word)]
"""A name: one word of printable characters."""

ProviderKeys = Annotated[Mapping[str, SecretStr], AfterValidator(MappingProxyType)]
"""Providers' keys by the names of their variables; can't be changed."""

AdapterSettings = Annotated[Mapping[str, Mapping[str, SecretStr]], AfterValidator(MappingProxyType)]
"""For each adapter that was named, its own settings by their names; can't be changed."""

Zone = Annotated[str, AfterValidator(_check_zone)]
"""The name of a time zone that this host knows."""

Names = Annotated[tuple[Word, ...], BeforeValidator(_split_names)]
"""Names with commas between them; repeats and empty places are dropped."""

SecretWord = Annotated[SecretStr, AfterValidator(_check_secret)]
"""A token or key: shown as stars wherever it is printed."""

BotToken = Annotated[
    SecretStr,
    _spelt(r"[0-9]+:[A-Za-z0-9_-]+", "the token that @BotFather gave, such as 12345:AAExample"),
]
DiscordToken = Annotated[
    SecretStr,
    _spelt(
        r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}",
        "the token on the page Bot of the developer portal, three long words with dots between them; "
        "not the application's id, its public key or its client secret",
    ),
]
WebhookSecret = Annotated[
    SecretStr, _spelt(r"[A-Za-z0-9_-]{1,256}", "at most 256 letters, digits, - and _")
]

HttpAddress = Annotated[str, _address("http", "https")]
SocketAddress = Annotated[str, _address("ws", "wss")]
Database = Annotated[DatabaseUrl, BeforeValidator(_parse_database)]
