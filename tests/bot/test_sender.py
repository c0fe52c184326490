"""The outbox on a push platform: in order, once, and honest about what didn't arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio

from adapters.base import AdapterContext, Capabilities, Service
from adapters.delivery import Outbound, Sent
from adapters.testing import Failure, FakePushAdapter, PushPlatform
from adapters.testing.platform import MAX_TEXT
from agentcore.clock import SECOND, Micros
from agentcore.errors import ModelUnavailable
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.records import ToolCall
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.workers.sender import AT_ONCE
from tests.house import FAST, PATIENCE, House, house, working


def echo(request: ModelRequest) -> ModelAnswer:
    return ModelAnswer(request.prompt[-1].text.rsplit("\n", maxsplit=1)[-1].upper())


@asynccontextmanager
async def service(
    folder: Path,
    platform: PushPlatform,
    model: ScriptedModel,
    *,
    kind: type[FakePushAdapter] = FakePushAdapter,
) -> AsyncIterator[House]:
    replacements = Replacements(
        limits=FAST, adapters=lambda context: [kind(context.service, platform)]
    )
    async with house(folder, model, replacements=replacements) as home, working(home):
        yield home


def seen(platform: PushPlatform, chat: str) -> list[str]:
    return [each.text for each in platform.seen(chat)]


async def when_nothing_waits(home: House) -> Mapping[str, int]:
    """The figures once every chunk's end is written down."""
    with anyio.fail_after(PATIENCE):
        while (counts := await home.parts.store.counts())["to_send"]:
            await anyio.lowlevel.checkpoint()
    return counts


async def test_an_answer_reaches_the_chat_that_asked(tmp_path: Path) -> None:
    platform = PushPlatform()
    async with service(tmp_path, platform, ScriptedModel(echo, echo)):
        platform.write("ada", "hello")
        await platform.until(lambda: seen(platform, "ada") == ["HELLO"])
        platform.write("bob", "good day")
        await platform.until(lambda: seen(platform, "bob") == ["GOOD DAY"])
    assert platform.unacknowledged == []


async def test_a_long_answer_comes_in_parts_and_in_order(tmp_path: Path) -> None:
    platform = PushPlatform()
    long = " ".join(f"word{number}" for number in range(300))
    async with service(tmp_path, platform, ScriptedModel(long)):
        platform.write("ada", "Tell me.")
        await platform.until(lambda: "".join(seen(platform, "ada")).endswith("word299"))
    assert platform.disorder("ada") == []
    assert " ".join(seen(platform, "ada")).split() == long.split()


class Debounced(FakePushAdapter):
    capabilities = Capabilities(delivery="push", max_text=MAX_TEXT, unit="utf16", debounce=0.3)


async def test_what_is_written_in_pieces_is_answered_when_the_last_is_due(tmp_path: Path) -> None:
    """And not when the service looks for what nobody told it of."""
    platform, clock = PushPlatform(), FakeClock()
    replaced = Replacements(
        clock=clock,
        limits=replace(FAST, look_again=30.0),
        adapters=lambda context: [Debounced(context.service, platform)],
    )
    model = ScriptedModel("All right.")
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        platform.write("ada", "One piece")
        await platform.until(lambda: not platform.unacknowledged)
        clock.advance(SECOND // 5)
        platform.write("ada", "and another")
        await platform.until(lambda: not platform.unacknowledged)
        clock.advance(SECOND // 10)
        last = Micros(clock.now() + SECOND // 5)
        with anyio.fail_after(PATIENCE):
            while await home.parts.store.next_ready() != last:  # until the first was looked at
                await anyio.lowlevel.checkpoint()
        with anyio.fail_after(PATIENCE):
            while seen(platform, "ada") != ["All right."]:  # time goes on, whatever is late
                clock.advance(SECOND // 5)
                with suppress(TimeoutError):
                    await platform.changes.next(0.2)


async def test_a_platform_that_stumbles_is_tried_again(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("server_error"), Failure("rate_limited", 0.01))
    async with service(tmp_path, platform, ScriptedModel(echo)):
        platform.write("ada", "hello")
        await platform.until(lambda: seen(platform, "ada") == ["HELLO"])
    assert len(platform.attempts) == 3
    assert len({each.nonce for each in platform.attempts}) == 1


async def test_an_unknown_outcome_is_repeated_once_counted_and_marked(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("cut_after_delivery"))
    async with service(tmp_path, platform, ScriptedModel(echo)) as home:
        platform.write("ada", "hello")
        await platform.until(lambda: len(platform.seen("ada")) == 2)
        counts = await when_nothing_waits(home)
    assert [each.uncertain for each in platform.attempts] == [False, True]
    assert counts["resent"] == 1


async def test_an_unknown_outcome_is_repeated_whatever_went_wrong_before(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("server_error"), Failure("cut_after_delivery"))
    async with service(tmp_path, platform, ScriptedModel(echo)):
        platform.write("ada", "hello")
        await platform.until(lambda: len(platform.seen("ada")) == 2)
    assert [each.uncertain for each in platform.attempts] == [False, False, True]


class Forgetful(FakePushAdapter):
    capabilities = Capabilities(
        delivery="push", max_text=MAX_TEXT, unit="utf16", drops_repeats=True
    )


async def test_where_repeats_are_dropped_an_unknown_outcome_is_repeated_more_often(
    tmp_path: Path,
) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("cut_after_delivery"), Failure("cut_after_delivery"))
    async with service(tmp_path, platform, ScriptedModel(echo), kind=Forgetful) as home:
        platform.write("ada", "hello")
        await platform.until(lambda: len(platform.seen("ada")) == 3)
        counts = await when_nothing_waits(home)
    assert [each.uncertain for each in platform.attempts] == [False, True, True]
    assert counts["failed_to_send"] == 0


async def test_a_chat_that_blocks_us_is_left_alone_and_others_are_served(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("blocked"))
    long = "word " * 300
    async with service(tmp_path, platform, ScriptedModel(long, echo)) as home:
        platform.write("ada", "Tell me.")
        await platform.until(lambda: len(platform.attempts) == 1)
        platform.write("bob", "hello")
        await platform.until(lambda: seen(platform, "bob") == ["HELLO"])
        counts = await when_nothing_waits(home)
    assert len([each for each in platform.attempts if each.chat == "ada"]) == 1
    assert counts["failed_to_send"] > 1


async def test_somebody_who_writes_again_can_be_written_to_again(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("blocked"))
    async with service(tmp_path, platform, ScriptedModel(echo, echo)) as home:
        platform.write("ada", "first")
        await platform.until(lambda: len(platform.attempts) == 1)
        assert (await when_nothing_waits(home))["unreachable"] == 1
        platform.write("ada", "second")
        await platform.until(lambda: seen(platform, "ada") == ["SECOND"])
        assert (await when_nothing_waits(home))["unreachable"] == 0


async def test_a_refused_chunk_holds_up_nothing(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.fail("ada", Failure("rejected"))
    async with service(tmp_path, platform, ScriptedModel(echo, echo)):
        platform.write("ada", "first")
        await platform.until(lambda: len(platform.attempts) == 1)
        platform.write("ada", "second")
        await platform.until(lambda: seen(platform, "ada") == ["SECOND"])


async def test_who_waits_for_a_free_lane_sees_that_more_is_to_come(tmp_path: Path) -> None:
    platform = PushPlatform()
    chats = [f"user{number}" for number in range(AT_ONCE + 1)]
    for chat in chats[:-1]:
        platform.close_gate(chat)
    async with service(tmp_path, platform, ScriptedModel(*[echo] * len(chats))):
        for chat in chats[:-1]:
            platform.write(chat, "hello")
        await platform.until(lambda: len(platform.attempts) == AT_ONCE)
        platform.write(chats[-1], "hello")
        await platform.until(lambda: platform.typing.count(chats[-1]) == 2)
        assert seen(platform, chats[-1]) == []
        platform.open_gate(chats[0])
        await platform.until(lambda: seen(platform, chats[-1]) == ["HELLO"])
        for chat in chats[1:-1]:
            platform.open_gate(chat)


async def test_a_slow_chat_holds_up_no_other(tmp_path: Path) -> None:
    platform = PushPlatform()
    platform.close_gate("ada")
    async with service(tmp_path, platform, ScriptedModel(echo, echo)):
        platform.write("ada", "hello")
        await platform.until(lambda: len(platform.attempts) == 1)
        platform.write("bob", "hello")
        await platform.until(lambda: seen(platform, "bob") == ["HELLO"])
        platform.open_gate("ada")
        await platform.until(lambda: seen(platform, "ada") == ["HELLO"])


async def test_what_waits_when_the_service_ends_is_sent_by_the_next(tmp_path: Path) -> None:
    platform = PushPlatform()
    replacements = Replacements(
        limits=replace(FAST, grace=0.05),
        adapters=lambda context: [FakePushAdapter(context.service, platform)],
    )
    async with house(tmp_path, ScriptedModel(echo), replacements=replacements) as home:
        platform.fail("ada", *[Failure("rate_limited", 0.2)] * 2)
        async with working(home):
            platform.write("ada", "hello")
            await platform.until(lambda: len(platform.attempts) == 1)
    async with service(tmp_path, platform, ScriptedModel()):
        await platform.until(lambda: seen(platform, "ada") == ["HELLO"])


async def test_somebody_writing_is_shown_while_the_turn_runs(tmp_path: Path) -> None:
    platform = PushPlatform()
    async with service(tmp_path, platform, ScriptedModel(echo)):
        platform.write("ada", "hello")
        await platform.until(lambda: seen(platform, "ada") == ["HELLO"])
    assert platform.typing == ["ada"]


async def test_an_outage_of_the_model_is_nobody_s_attempt_where_writing_is_shown(
    tmp_path: Path,
) -> None:
    platform = PushPlatform()
    model = ScriptedModel(ModelUnavailable("503", retry_after=0.01), "Back.")
    async with service(tmp_path, platform, model):
        platform.write("ada", "hello")
        await platform.until(lambda: "Back." in seen(platform, "ada"))
    assert seen(platform, "ada")[0].startswith("I can't reach my language model")
    assert len(seen(platform, "ada")) == 2


async def test_a_command_is_answered_on_push_platforms_too(tmp_path: Path) -> None:
    platform = PushPlatform()
    async with service(tmp_path, platform, ScriptedModel()):
        platform.write("ada", "/help")
        await platform.until(lambda: len(platform.seen("ada")) > 0)
        platform.write("ada", "/undo")
        await platform.until(lambda: "no change" in " ".join(seen(platform, "ada")))
    assert "/memory" in " ".join(seen(platform, "ada"))


class WithButtons(FakePushAdapter):
    """On a platform that shows buttons; keeps what it was asked to send."""

    def __init__(self, service: Service, platform: PushPlatform) -> None:
        super().__init__(service, platform, buttons=True)
        self.asked: list[Outbound] = []

    async def send(self, chunk: Outbound) -> Sent:
        self.asked.append(chunk)
        return await super().send(chunk)


NOTE = ToolCall("call-1", "memory_insert", '{"label": "human", "new_string": "Likes tea."}')


async def test_what_can_be_done_about_a_notice_comes_as_buttons_or_written_below_it(
    tmp_path: Path,
) -> None:
    def noting() -> ScriptedModel:
        return ScriptedModel(ModelAnswer("", (NOTE,), "tool_calls"), "All right.")

    for folder, kind in (("buttons", WithButtons), ("plain", FakePushAdapter)):
        platform, made = PushPlatform(), list[FakePushAdapter]()

        def adapters(
            context: AdapterContext,
            kind: type[FakePushAdapter] = kind,
            platform: PushPlatform = platform,
            made: list[FakePushAdapter] = made,
        ) -> list[FakePushAdapter]:
            made.append(kind(context.service, platform))
            return made

        replaced = Replacements(limits=FAST, adapters=adapters)
        (tmp_path / folder).mkdir()
        async with house(tmp_path / folder, noting(), replacements=replaced) as home, working(home):
            platform.write("ada", "I like tea")
            with anyio.fail_after(PATIENCE):
                while len(platform.seen("ada")) < 2:
                    await anyio.lowlevel.checkpoint()
        (adapter,) = made
        if isinstance(adapter, WithButtons):
            assert seen(platform, "ada") == ["All right.", "Noted: Likes tea."]
            none, card = (chunk.buttons for chunk in adapter.asked)
            assert none == ()
            assert [button.label for button in card] == ["Undo", "Why"]
            assert len({button.token for button in card}) == 2
        else:
            written = "Noted: Likes tea.\nUndo: /undo #1 · Why: /why #1"
            assert seen(platform, "ada") == ["All right.", written]
