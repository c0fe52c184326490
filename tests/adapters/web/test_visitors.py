"""Who is who on the web page."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.visitors import (
    WRONG_PER_MINUTE,
    NotLetIn,
    TooManyTries,
    VisitorId,
    Visitors,
    language_of,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
VISITOR = VisitorId("0123456789abcdef0123")


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds


class OneInvitation:
    """`Invitations`: the one "fresh"."""

    def __init__(self) -> None:
        self.used = False

    async def use_invitation(self, invite: str) -> Literal["fresh", "used", "unknown"]:
        if invite.encode() != b"fresh":  # it is kept as a digest of its bytes
            return "unknown"
        was, self.used = self.used, True
        return "used" if was else "fresh"


def visitors(key: bytes = KEY, watch: Watch | None = None) -> Visitors:
    return Visitors(key, "open", OneInvitation(), (watch or Watch()).now)


def test_a_cookie_names_its_visitor_and_every_stranger_is_another() -> None:
    us = visitors()
    one, other = us.stranger(), us.stranger()

    assert one != other
    assert us.known(us.cookie(one)) == one
    assert visitors().known(us.cookie(one)) == one


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        "",
        ".",
        VISITOR,
        f"{VISITOR}.",
        f"{VISITOR}.AAAA",
        visitors(OTHER_KEY).cookie(VISITOR),
        visitors().cookie(VISITOR)[:-1],
        visitors().cookie(VISITOR).replace("0123", "3210", 1),
        visitors().cookie(VisitorId("not an id of ours")),
    ],
)
def test_nobody_can_make_up_a_cookie(cookie: str | None) -> None:
    assert visitors().known(cookie) is None


@given(st.text())
def test_any_text_can_stand_in_a_cookie(text: str) -> None:
    assert visitors().known(text) is None


def test_a_recovery_code_leads_back_however_it_is_typed() -> None:
    us = visitors()
    code = us.recovery_code(VISITOR)

    assert us.recovered(code) == VISITOR
    assert us.recovered(f"  {code.lower().replace('-', ' ')} ") == VISITOR
    assert us.recovered(code.replace("-", "").replace("0", "o").replace("1", "l")) == VISITOR


@given(st.binary(min_size=10, max_size=10))
def test_every_visitor_has_a_code_of_their_own(raw: bytes) -> None:
    us, visitor = visitors(), VisitorId(raw.hex())

    code = us.recovery_code(visitor)

    assert us.recovered(code) == visitor
    assert len(code.split("-")) == 8
    assert not set(code) & set("ILOU")


@given(st.text())
def test_a_code_that_is_none_lets_nobody_in(text: str) -> None:
    with pytest.raises(NotLetIn):
        visitors().recovered(text)


def test_a_code_made_with_another_key_lets_nobody_in() -> None:
    with pytest.raises(NotLetIn):
        visitors().recovered(visitors(OTHER_KEY).recovery_code(VISITOR))


def test_too_many_wrong_codes_make_everybody_wait_a_minute() -> None:
    watch = Watch()
    us = visitors(watch=watch)
    code = us.recovery_code(VISITOR)
    for _ in range(WRONG_PER_MINUTE):
        with pytest.raises(NotLetIn):
            us.recovered("wrong")

    with pytest.raises(TooManyTries):
        us.recovered(code)
    watch.seconds = 61.0
    assert us.recovered(code) == VISITOR


async def test_an_invitation_lets_one_person_in_once() -> None:
    us = visitors()

    visitor = await us.invited("fresh")

    assert us.known(us.cookie(visitor)) == visitor
    with pytest.raises(NotLetIn, match="used"):
        await us.invited("fresh")


async def test_a_made_up_invitation_lets_nobody_in_and_counts_as_a_wrong_code() -> None:
    us = visitors()
    for invite in ("", "\ud800") * (WRONG_PER_MINUTE // 2):
        with pytest.raises(NotLetIn, match="wrong"):
            await us.invited(invite)

    with pytest.raises(TooManyTries):
        await us.invited("fresh")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("en", "en"),
        ("pt-BR;q=0.7", "pt-BR"),
        ("", None),
        ("*", None),
        ("<script>", None),
        ("e" * 100, None),
    ],
)
def test_a_visitor_speaks_what_the_browser_asks_for_first(
    header: str, language: str | None
) -> None:
    assert language_of(header) == language
