"""What a conversation costs: how much of a prompt was there before, and what a person's month
comes to.

Tokens are counted by `o200k_base`, as a provider would; nothing here asks one.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import os
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from agentcore.clock import DAY, HOUR
from agentcore.memory.summary import asks_for_summary
from agentcore.model import (
    AssistantPrompt,
    Capabilities,
    Emit,
    ModelAnswer,
    ModelRequest,
    Price,
    TextDelta,
    ToolCall,
    ToolPrompt,
    Usage,
)
from agentcore.providers.wire import chat_messages, tool_definitions
from agentcore.testing import FakeClock
from benchmarks.echo_model import EDIT_WORD, EchoModel
from benchmarks.figures import Figure, reached
from benchmarks.targets import MONTH, PREFIX, PREFIX_EDIT
from bot.app import Replacements
from tests.house import FAST, house

SENTENCES = (
    "I slept badly again and the meeting with Clara was moved to Thursday at ten.",
    "Could you help me plan a weekend by the river with the children and the dog?",
    "We looked at the flat in the old town, and the rent is higher than we thought.",
    "My sister is coming in May, so I want to have the spare room painted before that.",
    "The doctor said that walking half an hour each day would already help my back.",
    "I started to learn Portuguese and the verbs are driving me mad.",
    "Work was quiet today, so I read half of the book that you told me about.",
    "What was the name of the restaurant where we wanted to celebrate the birthday?",
    "I think I was too harsh with Jonas yesterday and I would like to say sorry.",
    "The car makes a strange noise whenever I brake, and the garage is full until Monday.",
    "Let us find something simple to cook with the rice, the leeks and the rest of the cheese.",
    "That sounds good, and I would begin with the smallest of the three steps.",
    "You could tell him what you told me, in just those words, and leave it at that.",
    "Two things speak for the morning: it is cooler, and the market is still open then.",
)
TURNS_A_DAY = 10
DOLLARS_IN, DOLLARS_OUT = 3.0, 15.0
"""Per million tokens."""
MODEL = Capabilities(window=128_000, price=Price(DOLLARS_IN, DOLLARS_OUT))
PER_MESSAGE = 4
ABOUT = (
    "An agent of the template that people get, in this process. After an edit nothing but the call "
    "and its return is new, and nothing before it changes; how large a share that leaves depends on "
    "how long the prompt's head is. Tokens are counted as a provider would; nothing is cached."
)


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    return [
        *asyncio.run(_prefixes()),
        *asyncio.run(_month(days=2 if quick else 30)),
    ]


def words(chance: random.Random, least: int, most: int) -> str:
    """A few sentences."""
    return " ".join(chance.choice(SENTENCES) for _ in range(chance.randint(least, most)))


def tokenizer() -> Callable[[str], int]:
    """Tokens of a text; the table comes with litellm."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        msg = "litellm is not installed: its tokenizer tables are needed"
        raise RuntimeError(msg)
    tables = Path(spec.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    os.environ["TIKTOKEN_CACHE_DIR"] = str(tables)  # noqa: TID251 (tiktoken is told so)
    encoding = importlib.import_module("tiktoken").get_encoding("o200k_base")
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def on_the_wire(request: ModelRequest) -> str:
    """Tools and messages as they are sent, without the closing bracket."""
    messages = chat_messages(request, with_tools=bool(request.tools))
    return wire_text(tool_definitions(request.tools), messages)


def wire_text(tools: Sequence[Any], messages: Sequence[Any]) -> str:
    """Tools and messages as one text, without the closing bracket."""
    return json.dumps(tools) + json.dumps(messages)[:-1]


def counted(request: ModelRequest, tokens: Callable[[str], int]) -> int:
    """Tokens about as a provider counts them: each text, a few for each message, and the tools as
    they go over the wire, without blanks; what form providers give to these is theirs alone.
    """
    size = 0
    if request.tools:
        tools = json.dumps(tool_definitions(request.tools), separators=(",", ":"))
        size += tokens(tools)
    for prompt in request.prompt:
        size += tokens(prompt.text) + PER_MESSAGE
        if isinstance(prompt, AssistantPrompt):
            size += sum(tokens(f"{each.name}{each.arguments}") for each in prompt.tool_calls)
    return size


def same_beginning(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


class Recorder(EchoModel):
    """Keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.requests.append(on_the_wire(request))
        return await super().complete(request)


@dataclass
class Friend:
    """Answers in a few sentences; one turn in five edits the memory first, one in ten searches.

    Counts what it is sent and what it says, as its provider would.
    """

    tokens: Callable[[str], int]
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 (chance, no secret)
    calls: int = 0
    prompt: int = 0
    answers: int = 0
    summaries: int = 0
    again: int = 0
    """Prompt tokens of the calls after a turn's first: the provider has just read most of them."""
    largest: int = 0
    name: str = "friend"
    capabilities: Capabilities = MODEL

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        size = counted(request, self.tokens)
        self.prompt += size
        self.largest = max(self.largest, size)
        if asks_for_summary(request.prompt[0].text):
            self.summaries += 1
            return self._said(words(self.chance, 15, 20), size)
        self.calls += 1
        if isinstance(request.prompt[-1], ToolPrompt):
            self.again += size
            return self._said(words(self.chance, 2, 5), size)
        call = self._call()
        if call is None:
            return self._said(words(self.chance, 2, 5), size)
        spent = self.tokens(call.arguments)
        self.answers += spent
        return ModelAnswer("", (call,), "tool_calls", Usage(size, spent, cost=0), self.name)

    def _call(self) -> ToolCall | None:
        kind = self.chance.random()
        if kind < 0.2:
            text = f"2026-11: {self.chance.choice(SENTENCES)}"
            arguments = {"label": "human", "new_string": text}
            return ToolCall(f"c{self.calls}", "memory_insert", json.dumps(arguments))
        if kind < 0.3:
            arguments = {"query": self.chance.choice(SENTENCES)}
            return ToolCall(f"c{self.calls}", "conversation_search", json.dumps(arguments))
        return None

    def _said(self, text: str, size: int) -> ModelAnswer:
        spent = self.tokens(text)
        self.answers += spent
        return ModelAnswer(text, (), "stop", Usage(size, spent, cost=0), self.name)

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        answer = await self.complete(request)
        emit(TextDelta(answer.text))
        return answer


# How much of a prompt was there before


async def _prefixes() -> list[Figure]:
    model = Recorder()
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        async with house(Path(folder), model) as home:
            for turn in range(20):
                edit = turn in {4, 12}
                said = f"Please {EDIT_WORD} that I like tea." if edit else f"Tell me fact {turn}."
                await home.say("ada", f"{said} #{turn}")
    shares, ideal, edited = [], [], []
    for before, after in pairwise(model.requests):
        share = same_beginning(before, after) / len(after)
        shares.append(share)
        ideal.append(min(1.0, len(before) / len(after)))
        if "memory_insert" in after[len(before) :]:
            edited.append((share, ideal[-1]))
    mean, perfect = statistics.fmean(shares), statistics.fmean(ideal)
    least = min(edited)
    return [
        reached(
            PREFIX,
            perfect - mean,
            ours=f"{mean:.4f}",
            floor=f"{perfect:.4f} if perfectly append-only",
            note=f"20 short turns, {len(model.requests)} requests",
        ),
        reached(
            PREFIX_EDIT,
            least[0],
            ours=f"{least[0]:.4f}",
            floor=f"{least[1]:.4f} if perfectly append-only",
            note=f"{len(edited)} edits; of all requests {min(shares):.4f}",
        ),
    ]


async def _talk(friend: Friend, *, turns: int) -> None:
    """Some days with a person who writes every hour."""
    clock, dice = FakeClock(), random.Random(3)  # noqa: S311 (chance, no secret)
    replacements = Replacements(limits=FAST, clock=clock)
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        async with house(Path(folder), friend, replacements=replacements) as home:
            for turn in range(turns):
                clock.advance(HOUR if turn % TURNS_A_DAY else DAY - HOUR * TURNS_A_DAY)
                await home.say("ada", f"{words(dice, 1, 4)} #{turn}")


# A person's month


async def _month(*, days: int) -> list[Figure]:
    friend = Friend(tokenizer())
    await _talk(friend, turns=days * TURNS_A_DAY)
    dollars = friend.prompt * DOLLARS_IN / 1e6
    warm = (friend.prompt - 0.9 * friend.again) * DOLLARS_IN / 1e6
    written = friend.answers * DOLLARS_OUT / 1e6
    calls = friend.calls + friend.summaries
    return [
        reached(
            MONTH,
            dollars,
            ours=f"${dollars:.2f}",
            note=f"{days} days, {TURNS_A_DAY} turns a day, {calls} calls ({friend.summaries} for summaries), nothing "
            f"cached; largest prompt {friend.largest:,} tokens",
        ),
        Figure(
            "the same, with answers at $15 per M tokens",
            f"${dollars + written:.2f}",
            "",
            f"${warm + written:.2f} if a turn's further calls find its first one cached",
        ),
    ]
