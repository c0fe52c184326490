"""Who is let in, what they are told first, and how much a day they may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt
from adapters.base import Sender as Writer
from adapters.feed import Cursor, FeedAnswered, FeedNotice
from agentcore.clock import DAY
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.door.commands import door_commands
from bot.door.parts import parts_commands
from tests.house import FAST, House, house, replies, working

PAID: dict[str, Any] = {"model": "openai/gpt-4o-mini", "model_api_key": "sk-test-0123456789"}


def from_afar(who: str, text: str, *, language: str | None = None) -> Inbound:
    """Somebody on a platform that anybody may write on."""
    from_afar.count += 1  # type: ignore[attr-defined]
    return Inbound(
        update_id=str(from_afar.count),  # type: ignore[attr-defined]
        address=ChatAddress("far", "bot", who),
        sender=Writer(who, who.title(), language),
        parts=(InboundPart(text),),
    )


from_afar.count = 0  # type: ignore[attr-defined]


async def write(home: House, who: str, text: str, *, language: str | None = None) -> Receipt:
    return await home.parts.gateway.accept(from_afar(who, text, language=language))


async def heard(home: House, who: str, *, until: int) -> list[Any]:
    events = []
    feed = home.parts.gateway.watch(ChatAddress("far", "bot", who), Cursor())
    async for event in feed:
        events.append(event)
        if isinstance(event, FeedAnswered) and event.position >= until:
            break
    await feed.aclose()
    return events


async def ask(home: House, name: str, **arguments: object) -> Any:
    known = {**door_commands(home.parts.store), **parts_commands(home.parts)}
    return await known[name](arguments)


async def test_a_newcomer_is_told_once_who_sees_what_before_the_first_answer(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello.", "Hello again.")
    async with (
        house(tmp_path, model, first_contact=True, access="open", **PAID) as home,
        working(home),
    ):
        first = await write(home, "ada", "Hi")
        await heard(home, "ada", until=first.position)
        second = await write(home, "ada", "Hi again")
        events = await heard(home, "ada", until=second.position)
    notices = [event for event in events if isinstance(event, FeedNotice)]
    assert [each.key for each in notices] == ["terms.provider"]
    assert "OpenAI reads it" in notices[0].text
    assert "/delete" in notices[0].text
    assert events.index(notices[0]) < next(
        at for at, event in enumerate(events) if getattr(event, "role", "") == "assistant"
    )
    assert events[0] is notices[0], "whoever looks again sees it where it was said"
    assert not any("OpenAI reads it" in part.text for part in model.requests[-1].prompt)


async def test_the_offline_model_lets_nothing_out_and_says_so_in_german_too(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel("Hallo."), first_contact=True) as home, working(home):
        receipt = await write(home, "ada", "Hallo", language="de-AT")
        events = await heard(home, "ada", until=receipt.position)
    (notice,) = [event for event in events if isinstance(event, FeedNotice)]
    assert notice.key == "terms.offline"
    assert "auf diesem Rechner" in notice.text


async def test_where_consent_is_required_nothing_reaches_a_model_before_a_yes(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello.")
    async with (
        house(tmp_path, model, first_contact=True, consent="required") as home,
        working(home),
    ):
        refused = await write(home, "ada", "My secret")
        assert refused.outcome == "refused"
        assert "/agree" in refused.text
        assert (await write(home, "ada", "/memory")).outcome == "accepted"
        assert (await write(home, "ada", "/retry")).outcome == "refused"
        assert model.requests == []
        agreed = await write(home, "ada", "/agree")
        await heard(home, "ada", until=agreed.position)
        said = await write(home, "ada", "Hi")
        assert replies(await heard(home, "ada", until=said.position)) == ["Hello."]
        (person,) = await ask(home, "users.list")
    assert person["consent"] == "consented"
    assert not any("My secret" in part.text for part in model.requests[0].prompt)


async def test_when_others_read_along_everybody_is_told_once_more(tmp_path: Path) -> None:
    settings: list[dict[str, Any]] = [{}, {}, PAID, PAID]
    keys = []
    for number, chosen in enumerate(settings):
        model = ScriptedModel("Hello.")
        access = {"access": "open", **chosen}
        async with house(tmp_path, model, first_contact=True, **access) as home, working(home):
            said = await write(home, "ada", f"Hi {number}")
            events = await heard(home, "ada", until=said.position)
        keys.append([each.key for each in events if isinstance(each, FeedNotice)])
    assert keys[1] == ["terms.offline"]
    assert keys[3] == ["terms.offline", "terms.provider_now"]


async def test_where_consent_is_required_it_is_asked_for_again_when_others_read_along(
    tmp_path: Path,
) -> None:
    required = {"consent": "required", "access": "open"}
    async with house(tmp_path, ScriptedModel("Hello."), first_contact=True, **required) as home:  # type: ignore[arg-type]
        await write(home, "ada", "/agree")
        assert (await write(home, "ada", "Hi")).outcome == "accepted"
    async with house(tmp_path, ScriptedModel(), first_contact=True, **required, **PAID) as home:  # type: ignore[arg-type]
        assert (await write(home, "ada", "Hi")).outcome == "refused"
        await write(home, "ada", "/agree")
        assert (await write(home, "ada", "Hi")).outcome == "accepted"


async def test_whoever_declines_is_neither_kept_nor_answered_until_they_agree(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello.", "Welcome back.")
    async with house(tmp_path, model, first_contact=True) as home, working(home):
        first = await write(home, "ada", "Hi")
        await heard(home, "ada", until=first.position)
        await write(home, "ada", "/decline")
        refused = await write(home, "ada", "Are you there?")
        assert (refused.outcome, "/agree" in refused.text) == ("refused", True)
        await write(home, "ada", "/agree")
        said = await write(home, "ada", "Hi again")
        assert replies(await heard(home, "ada", until=said.position))[-1] == "Welcome back."


async def test_with_a_paid_model_a_stranger_gets_a_code_by_which_they_are_let_in(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello.")
    async with house(tmp_path, model, first_contact=True, **PAID) as home, working(home):
        refused = await write(home, "ada", "Hi")
        again = await write(home, "ada", "Hello?")
        (waiting,) = await ask(home, "users.list", waiting=True)
        code = waiting["code"]
        assert refused.outcome == again.outcome == "refused"
        assert code in refused.text
        assert code in again.text, "the same code again"
        assert model.requests == []
        allowed = await ask(home, "users.access", who=code.lower(), allow=True)
        assert (allowed["id"], allowed["access"]) == (waiting["id"], "admitted")
        assert await ask(home, "users.list", waiting=True) == []
        said = await write(home, "ada", "Hi")
        events = await heard(home, "ada", until=said.position)
    keys = [event.key for event in events if isinstance(event, FeedNotice)]
    assert keys == ["access.allowed", "terms.provider"]
    assert replies(events) == ["Hello."]


async def test_an_allowlist_gives_no_codes(tmp_path: Path) -> None:
    async with (
        house(tmp_path, ScriptedModel(), first_contact=True, access="allowlist") as home,
        working(home),
    ):
        refused = await write(home, "ada", "Hi")
        (person,) = await ask(home, "users.list")
        assert (person["code"], person["access"]) == (None, "pending")
        assert "Ask the person who runs it" in refused.text
        await ask(home, "users.access", who=person["id"], allow=True)
        assert (await write(home, "ada", "/help")).outcome == "accepted"


async def test_the_terminal_needs_no_code(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hi."), first_contact=True, **PAID) as home:
        assert (await home.accept("ada", "Hi")).outcome == "accepted"


async def test_whoever_is_blocked_meets_silence(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello."), first_contact=True) as home, working(home):
        first = await write(home, "ada", "Hi")
        await heard(home, "ada", until=first.position)
        (person,) = await ask(home, "users.list")
        await ask(home, "users.access", who=person["id"], allow=False)
        for text in ("Hi", "/help"):
            refused = await write(home, "ada", text)
            assert (refused.outcome, refused.text) == ("refused", "")
        shown = await ask(home, "users.show", user_id=person["id"])
        assert shown["access"] == "blocked"


@pytest.mark.parametrize("who", ["", "NOSUCHCODE", "user-00000000-0000-4000-8000-000000000000"])
async def test_nobody_is_let_in_by_a_name_that_is_nobodys(tmp_path: Path, who: str) -> None:
    from agentcore.errors import NotFound  # noqa: PLC0415

    async with house(tmp_path, ScriptedModel(), first_contact=True) as home:
        with pytest.raises(NotFound, match="users list"):
            await ask(home, "users.access", who=who, allow=True)


async def test_a_days_messages_end_and_begin_anew_at_midnight(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel(*["Yes."] * 4)
    real = Replacements(clock=clock, limits=FAST)
    settings: dict[str, Any] = {"daily_messages_per_user": 3, "replacements": real}
    async with house(tmp_path, model, first_contact=True, **settings) as home:
        for _ in range(3):
            assert (await home.accept("ada", "Hi")).outcome == "accepted"
        refused = await home.accept("ada", "Hi")
        assert (refused.outcome, "3 messages" in refused.text) == ("refused", True)
        assert (await home.accept("ada", "/usage")).outcome == "accepted"
        assert (await home.accept("bob", "Hi")).outcome == "accepted"
        clock.advance(DAY)
        assert (await home.accept("ada", "Hi")).outcome == "accepted"


async def test_the_language_is_learned_from_the_first_that_tells_it_and_stays(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel("Hello."), first_contact=True) as home, working(home):
        written = await write(home, "ada", "Hallo")
        await heard(home, "ada", until=written.position)
        told = []
        for language in ("de", "en", None):
            asked = await write(home, "ada", "/usage", language=language)
            events = await heard(home, "ada", until=asked.position)
            told.append([each.text for each in events if isinstance(each, FeedNotice)][-1])
        (person,) = await ask(home, "users.list")
    assert person["language"] == "de"
    assert all(text.startswith("Heute:") for text in told)


async def test_who_waits_to_be_let_in_is_refused_in_the_language_that_was_learned(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel(), access="pairing", first_contact=True) as home:
        assert "private" in (await write(home, "ada", "Hallo")).text
        assert "privat." in (await write(home, "ada", "/help", language="de")).text
