from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import ChatAddress
from adapters.feed import Cursor, FeedNotice

_NOWHERE = Cursor()


@given(st.text(), st.text(), st.text(), st.none() | st.text())
def test_an_address_survives_being_written_down(
    platform: str, account: str, chat: str, topic: str | None
) -> None:
    address = ChatAddress(platform, account, chat, topic)

    assert ChatAddress.parse(str(address)) == address


@given(*[st.tuples(st.text(), st.text(), st.text(), st.none() | st.text())] * 2)
def test_two_addresses_are_never_written_alike(
    one: tuple[str, str, str, str | None], other: tuple[str, str, str, str | None]
) -> None:
    written = str(ChatAddress(*one)) == str(ChatAddress(*other))

    assert written == (one == other)


@pytest.mark.parametrize("text", ["", "a:b", "a:b:c:d:e", "a:b:%41", "a:b:%3a"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a chat address"):
        ChatAddress.parse(text)


def test_the_source_is_the_platform_and_the_account() -> None:
    assert ChatAddress("telegram", "12:3", "42", "7").source == "telegram:12%3A3"


def test_a_notice_whose_key_begins_with_reply_was_asked_for() -> None:
    keys = ["reply.memory", "error.model", "replying"]

    asked_for = [FeedNotice(cursor=_NOWHERE, key=key, text="", at=0).asked_for for key in keys]

    assert asked_for == [True, False, False]
