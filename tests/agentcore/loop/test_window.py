"""How much of a thread fits, by property: nothing that comes in makes a request too large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.loop.asking import Asked
from agentcore.loop.control import TurnControl
from agentcore.loop.conversation import Conversation
from agentcore.loop.fitting import Fitting
from agentcore.loop.prompt import AnyMessage, render_messages
from agentcore.loop.window import (
    HIGH_WATER,
    SMALLEST_CLIP,
    as_head,
    clipped,
    estimate,
    estimate_text,
    first_epoch,
    kept_from,
    turn_starts,
)
from agentcore.model import (
    AssistantPrompt,
    Capabilities,
    ModelRequest,
    Price,
    SystemPrompt,
    ToolPrompt,
    ToolSchema,
    Usage,
    UserPrompt,
)
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
    StepRecord,
    StopReason,
    TextPart,
    Thread,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    TurnLimits,
    new_block_id,
    new_message_id,
    new_step_id,
    new_thread_id,
)
from agentcore.testing import FakeClock, ScriptedModel

CLOCK = FakeClock()
DAY = 86_400_000_000
NOW = CLOCK.now()
AGENT = Agent(AgentId("a"), "user", "n", "t:1", "Be kind.", (), None, TurnLimits(), NOW, NOW)
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
    """What `room` asks of a store."""

    def __init__(self, *values: str) -> None:
        self._blocks = [
            Block(new_block_id(), SHARED_OWNER, f"b{at}", value, 20_000)
            for at, value in enumerate(values)
        ]

    async def blocks(self, *, thread: int | None = None) -> Sequence[Block]:
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
        if estimate(view.prompt(fresh, budget)) <= budget:
            return True
        room = await view.room(store, fresh, budget, 0)
        if room is not None:
            view.leave_out(room, None, CLOCK.now())
        elif not view.cut_shorter(budget):
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


@settings(deadline=None)
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


@settings(deadline=None)
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


class Rivers(ScriptedModel):
    """Its tokenizer finds `share` of the tokens that we fear; its summary is as long as it may be."""

    def __init__(self, window: int, share: float) -> None:
        capabilities = Capabilities(window=window, price=Price(0, 0))
        super().__init__(capabilities=capabilities, summary="rivers " * 9_000)
        self._share = share

    def real(self, request: ModelRequest) -> int:
        return sum(int(estimate([each]) * self._share) for each in request.prompt)


def no_record(_asked: Asked, _started: Micros) -> StepRecord:
    return StepRecord(new_step_id(), 1, "m", "summarised", 0, 0, 0, 0, CLOCK.now(), CLOCK.now())


@settings(deadline=None)
@given(st.lists(SAID, max_size=8), st.integers(1_000, 5_000), st.floats(0.5, 1), st.booleans())
async def test_no_request_is_ever_larger_than_the_window(
    turns: list[Said], window: int, share: float, counts: bool
) -> None:
    store: Any = Blocks("Has a dog.")
    model = Rivers(window, share)
    view = conversation([])
    later = Micros(CLOCK.now() + DAY)
    fitting = Fitting(view, store, [model], (), CLOCK, TurnControl(), later, no_record, None)
    for number, said in enumerate(turns, start=1):
        fresh = [words(Role.USER, text) for text in said.texts]
        request = await fitting.request(fresh)
        if isinstance(request, StopReason):
            assert view.messages == []
            alone = clipped(render_messages(fresh), most=SMALLEST_CLIP)
            assert estimate([*view.head, *alone]) > int(window * HIGH_WATER)
            return
        assert model.real(request) <= estimate(request.prompt)
        assert model.real(request) <= window
        if counts:
            usage = Usage(model.real(request), 10)
            fitting.note(request, Asked(None, usage, model.name, "answered", "", usage))
        new = [*fresh, *of_turn(said)[len(fresh) :]]
        view.committed(new, view.newest + len(new), number)
    for request in model.summaries:
        assert estimate(request.prompt) <= window
