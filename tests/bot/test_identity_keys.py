"""Identifier keys: who is meant, and how they are told."""

from __future__ import annotations

import pytest

from agentcore.errors import BadInput
from agentcore.records import IdentityKey
from bot.api.identity_keys import PlatformKeys

ONE_BOT = PlatformKeys({"telegram:42": object()})


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("telegram:42:7", IdentityKey("telegram", "42", "7")),
        ("telegram:43:7", IdentityKey("telegram", "43", "7")),
        ("discord:9:7", IdentityKey("discord", "9", "7")),
        ("terminal:local:ada", IdentityKey("terminal", "local", "ada")),
        ("web:main:a%3Ab", IdentityKey("web", "main", "a:b")),
        ("customer-7", IdentityKey("api", "", "customer-7")),
        ("crm:7", IdentityKey("api", "", "crm:7")),
        ("crm:eu:7", IdentityKey("api", "", "crm:eu:7")),
        ("web:7", IdentityKey("api", "", "web:7")),
        ("telegram", IdentityKey("api", "", "telegram")),
    ],
)
def test_a_key_means_the_same_person_when_it_is_told_and_read_again(
    key: str, meant: IdentityKey
) -> None:
    assert ONE_BOT.read(key) == meant
    assert ONE_BOT.tell(meant) == key


def test_while_one_bot_of_a_platform_runs_its_number_may_be_left_out() -> None:
    assert ONE_BOT.read("telegram:7") == IdentityKey("telegram", "42", "7")


@pytest.mark.parametrize("bots", [[], ["telegram:42", "telegram:43"]])
def test_without_one_bot_the_short_form_is_refused_with_what_to_do(bots: list[str]) -> None:
    with pytest.raises(BadInput, match="telegram:<bot id>:<user id>"):
        PlatformKeys(dict.fromkeys(bots)).read("telegram:7")


@pytest.mark.parametrize("key", ["telegram:42:", "telegram:42:7:8", "telegram:42:7%41"])
def test_what_names_a_platform_but_nobody_there_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="identifier_key of telegram"):
        ONE_BOT.read(key)
