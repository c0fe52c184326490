"""How much of a thread fits, by property: nothing that comes in makes a request too large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.loop.conversation import Conversation
from agentcore.loop.prompt import AnyMessage, render_messages
from agentcore.loop.window import (
    SMALLEST_CLIP,
    as_head,
    clipped,
    compacted,
    estimate,
    estimate_text,
    first_epoch,
    kept_from,
    turn_starts,
)
from agentcore.model import AssistantPrompt, SystemPrompt, ToolPrompt, ToolSchema, UserPrompt
from agentcore.records import (
    SHARED_OWNER,
    Address,
    Agent,
    AgentId,
    Block,
    EpochReason,
    Message,
    NewMessage,
    Origin,
    Role,
    TextPart,
    Thread,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    TurnLimits,
    new_block_id,
    new_message_id,
    new_thread_id,
)
from agentcore.testing import FakeClock

CLOCK = FakeClock()
DAY = 86_400_000_000
AGENT = Agent(AgentId("a"), "user", "n", "t:1", "Be kind.", (), None, TurnLimits(), CLOCK.now())
THREAD = Thread(
    AGENT.agent_id, 1, new_thread_id(), Address("x"), "private", ephemeral=False, epoch=0
)
# Text as it comes: words, long runs without a space, other scripts, junk.
PIECE = st.sampled_from(
    [
        "tea ",
        "A longer sentence about rivers. ",
        "x" * 40,
        "里斯本",
        "Лиссабон ",
        "🐉",
        "𓂀",
        "\x07",
        "\n",
    ]
)
TEXT = st.lists(PIECE, max_size=40).map("".join)
LONG = st.builds(lambda piece, times: piece * times, PIECE, st.integers(1, 3_000))


@dataclass(frozen=True)
class Said:
    """One turn in short: what a person wrote, what tools gave back, whether it was answered."""

    texts: list[str]
    returns: list[str] = field(default_factory=list)
    answer: str = ""


SAID = st.builds(
    Said, st.lists(TEXT | LONG, min_size=1, max_size=3), st.lists(TEXT | LONG, max_size=2), TEXT
)


def message(role: Role, *parts: Any) -> NewMessage:
    return NewMessage(new_message_id(), role, tuple(parts), CLOCK.now())


def words(role: Role, text: str) -> NewMessage:
    return message(role, TextPart(text, Origin.OWNER))


def of_turn(said: Said) -> list[NewMessage]:
    messages = [words(Role.USER, text) for text in said.texts]
    for number, text in enumerate(said.returns):
        call = ToolCall(f"c{number}", "search", '{"query": "' + text[:50] + '"}')
        returned = ToolReturnPart(call.call_id, call.name, text, "success", Origin.TOOL)
        messages += [message(Role.ASSISTANT, ToolCallPart(call)), message(Role.TOOL, returned)]
    return [*messages, words(Role.ASSISTANT, said.answer)] if said.answer else messages


def stored(turns: Sequence[Said]) -> list[AnyMessage]:
    numbers = count(1)
    return [
        Message(
            next(numbers), m.message_id, 1, turn, m.role, m.parts, Micros(m.created_at + turn * DAY)
        )
        for turn, said in enumerate(turns, start=1)
        for m in of_turn(said)
    ]


class Blocks:
    """What `make_room` asks of a store."""

    def __init__(self, *values: str) -> None:
        self._blocks = [
            Block(new_block_id(), SHARED_OWNER, f"b{at}", value, 20_000)
            for at, value in enumerate(values)
        ]

    async def blocks(self) -> Sequence[Block]:
        return self._blocks


def conversation(turns: Sequence[Said]) -> Conversation:
    epoch = replace(
        first_epoch(AGENT, THREAD, [], next_message=1, now=CLOCK.now()), system="Be kind."
    )
    messages = stored(turns)
    return Conversation(AGENT, THREAD, epoch, (), messages, newest=len(messages))


async def made_to_fit(
    view: Conversation, fresh: Sequence[NewMessage], budget: int, *values: str
) -> bool:
    store: Any = Blocks(*values)
    for _ in range(1_000):
        if view.fits(fresh, (), budget):
            return True
        if not await view.make_room(store, fresh, budget, CLOCK):
            return False
    raise AssertionError("room was made for ever")


@given(TEXT, TEXT)
def test_a_longer_text_is_never_estimated_smaller(one: str, other: str) -> None:
    assert estimate_text(one + other) >= max(estimate_text(one), estimate_text(other))
    assert estimate_text(one) + estimate_text(other) >= estimate_text(f"{one}\n{other}") - 1
    assert estimate_text(one) <= len(one.encode()) + 1


def test_text_that_no_tokenizer_knows_counts_in_full() -> None:
    for text in ("k" * 90, "🐉" * 20, "𓂀" * 20, "\x01" * 90):
        assert estimate_text(text) > len(text.encode()) * 0.9
    assert estimate_text("a quiet walk " * 10) < 60
    assert estimate_text("\ud800") >= 1


@given(st.lists(TEXT, max_size=4), TEXT)
def test_a_longer_prompt_is_never_estimated_smaller(texts: list[str], more: str) -> None:
    prompts = [UserPrompt(text) for text in texts]
    call = ToolCall("c", "search", more)
    size = estimate(prompts)
    assert estimate([*prompts, UserPrompt(more)]) > size
    bare = estimate([*prompts, AssistantPrompt("", (replace(call, arguments=""),))])
    assert estimate([*prompts, AssistantPrompt("", (call,))]) >= bare > size
    assert estimate([*prompts, ToolPrompt("c", "search", more)]) > size
    assert estimate(prompts, [ToolSchema("search", more, {"type": "object"})]) > size


@given(LONG, st.integers(0, 2_000))
def test_a_clipped_prompt_takes_no_more_than_it_may(text: str, most: int) -> None:
    allowed = max(SMALLEST_CLIP, most)
    for prompt in (SystemPrompt(text), UserPrompt(text), ToolPrompt("c", "n", text)):
        (shown,) = clipped([prompt], most=most)
        assert estimate_text(shown.text) <= allowed
        if estimate_text(text) <= allowed:
            assert shown == prompt
        else:
            kept, mark = shown.text.rsplit("\n", 1)
            assert text.startswith(kept)
            assert mark == f"[… cut here: {len(text)} characters in all, the rest is stored]"


def test_a_clip_keeps_as_much_as_fits() -> None:
    (shown,) = clipped([UserPrompt("tea " * 10_000)], most=1_000)
    assert 950 < estimate_text(shown.text) <= 1_000


def test_cut_arguments_are_still_json() -> None:
    calls = (ToolCall("a", "n", '{"x": 1}'), ToolCall("b", "n", '{"x": "' + "tea " * 999 + '"}'))
    (shown,) = clipped([AssistantPrompt("", calls)], most=300)
    assert isinstance(shown, AssistantPrompt)
    assert shown.tool_calls[0] == calls[0]
    assert shown.tool_calls[1].arguments == '{"cut": "4005 characters, stored"}'


@given(st.lists(SAID, max_size=5), st.integers(-100, 5_000))
def test_a_thread_is_cut_only_where_a_turn_begins(turns: list[Said], budget: int) -> None:
    messages = stored(turns)
    starts = turn_starts(messages)
    assert len(starts) == len(turns)
    kept = kept_from(messages, budget=budget, most=500)
    assert kept in {0, *starts}
    assert (kept == 0) == (len(turns) < 2)
    rest = estimate(clipped(render_messages(messages[kept:]), most=500))
    if kept:
        assert rest <= budget or kept == starts[-1]
    earlier = [at for at in starts if 0 < at < kept]
    if earlier:
        more = messages[earlier[-1] :]
        assert estimate(clipped(render_messages(more), most=500)) > budget


def test_turns_without_an_answer_are_turns_too() -> None:
    messages = stored([Said(["one"]), Said(["two"]), Said(["three", "four"], answer="yes")])
    fresh = [words(Role.USER, "five"), words(Role.USER, "six")]
    assert turn_starts([*messages, *fresh]) == [0, 1, 2, 5]


def test_messages_without_a_turn_begin_one_where_the_speaker_changes() -> None:
    turns = [Said(["one", "two"], answer="yes"), Said(["three"])]
    imported = [replace(m, turn=None) for m in stored(turns) if isinstance(m, Message)]
    assert turn_starts(imported) == [0, 3]


def test_an_orphan_at_the_start_can_be_left_out() -> None:
    messages = stored([Said(["gone"], answer="kept"), Said(["now"])])[1:]
    assert kept_from(messages, budget=10_000, most=500) == 1


@given(st.lists(SAID, max_size=4), SAID, st.integers(300, 6_000), st.lists(TEXT, max_size=2))
async def test_room_is_made_whenever_the_newest_turn_and_the_head_fit(
    turns: list[Said], newest: Said, budget: int, values: list[str]
) -> None:
    fresh = [words(Role.USER, text) for text in newest.texts]
    view = conversation(turns)
    fits = await made_to_fit(view, fresh, budget, *values)
    assert fits == (estimate(view.prompt(fresh, budget)) <= budget)
    alone = clipped(render_messages(fresh), most=SMALLEST_CLIP)
    if estimate([*view.head, *alone]) <= budget:
        assert fits
    if not fits:
        assert view.messages == []


@given(st.lists(SAID, min_size=1, max_size=3), SAID, st.integers(1_500, 6_000))
async def test_a_turn_that_is_under_way_is_never_cut_in_two(
    turns: list[Said], newest: Said, budget: int
) -> None:
    view = conversation([*turns, newest])
    before = list(view.messages)
    if await made_to_fit(view, [], budget):
        assert len(view.messages) >= len(of_turn(newest))
        assert view.messages == before[-len(view.messages) :]
        assert view.messages[0].role is Role.USER


async def test_a_message_larger_than_the_window_is_clipped_in_the_request_only() -> None:
    text = "word " * 50_000
    fresh = [words(Role.USER, text)]
    view = conversation([Said(["hello"], answer="hi")])
    assert await made_to_fit(view, fresh, 3_000)
    last = view.prompt(fresh, 3_000)[-1]
    assert last.text.startswith("word word")
    assert last.text.endswith("[… cut here: 250000 characters in all, the rest is stored]")
    assert fresh[0].text == text


async def test_many_large_messages_of_one_turn_are_cut_shorter_together() -> None:
    fresh = [words(Role.USER, "word " * 9_000) for _ in range(6)]
    view = conversation([Said(["hello"], answer="hi")])
    assert await made_to_fit(view, fresh, 3_000)
    assert view.messages == []
    assert sum("cut here" in prompt.text for prompt in view.prompt(fresh, 3_000)) == 6


async def test_an_epoch_that_makes_room_says_what_is_out_of_sight() -> None:
    view = conversation([Said(["word " * 2_000], answer="yes") for _ in range(5)])
    first = view.epoch
    assert await made_to_fit(view, [], 4_000, "Has a dog.")
    assert view.epoch == view.unsaved_epoch
    assert view.epoch.number == first.number + 1
    assert view.epoch.reason is EpochReason.COMPACTION
    assert isinstance(view.messages[0], Message)
    assert view.epoch.first_message == view.messages[0].seq
    assert view.blocks == as_head(await Blocks("Has a dog.").blocks())
    assert "Has a dog." in view.head[0].text
    assert "Messages from 2026-11-21 to 2026-11-24 are out of sight" in view.head[1].text


async def test_an_epoch_that_left_out_everything_starts_with_what_comes_next() -> None:
    view = conversation([Said(["word " * 2_000], answer="yes")])
    assert await made_to_fit(view, [words(Role.USER, "word " * 2_000)], 2_500)
    assert view.epoch.first_message == view.newest + 1 == 3


@pytest.mark.parametrize("before", ["", "Ada likes tea.\nShe moved."])
def test_a_summary_keeps_what_it_says_and_one_line_of_dates(before: str) -> None:
    epoch = replace(conversation([]).epoch, summary=before)
    messages = stored([Said([str(day)]) for day in range(4)])
    for part in (messages[:2], messages[2:]):
        epoch = compacted(epoch, part, [], first_message=9, now=CLOCK.now())
    lines = epoch.summary.splitlines()
    assert lines[:-1] == before.splitlines()
    assert lines[-1].startswith("Messages from 2026-11-21 to 2026-11-24 are out of sight here")
