from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory.frame import render_block, render_blocks, render_change
from agentcore.model import (
    AssistantPrompt,
    ModelAnswer,
    ModelRequest,
    Prompt,
    SystemPrompt,
    TextDelta,
    ToolCall,
    ToolPrompt,
    ToolSchema,
    UserPrompt,
)
from agentcore.offline_model import OfflineModel
from agentcore.records import HeadBlock
from agentcore.tools.base import HELD

METADATA = "[2026-11-20T23:15 Fri Europe/Lisbon | terminal | private]"
TOOL_NAMES = ("memory_insert", "memory_replace", "conversation_search")
MOST_STEPS = 2


def human(value: str) -> HeadBlock:
    return HeadBlock("human", value, 20_000, "What is known of the person.", read_only=False)


def schemas(names: Sequence[str]) -> tuple[ToolSchema, ...]:
    return tuple(ToolSchema(name, "A tool.", {"type": "object"}) for name in names)


@dataclass(slots=True)
class Conversation:
    """A turn loop of the smallest kind, with memory and search that work as the real ones do."""

    value: str = ""
    tools: tuple[str, ...] = TOOL_NAMES
    metadata: str = METADATA
    refusal: str = ""
    found: str = "Found nothing."
    prompt: list[Prompt] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)

    def __post_init__(self) -> None:
        head = f"You are a familiar.\n\n{render_blocks([human(self.value)])}"
        self.prompt.append(SystemPrompt(head))

    @property
    def lines(self) -> list[str]:
        return self.value.split("\n") if self.value else []

    async def say(self, text: str) -> str:
        """Say something; the answer's text, after at most one step with tools."""
        self.prompt.append(UserPrompt(f"{self.metadata}\n{text}"))
        for _ in range(MOST_STEPS):
            answer = await self.step()
            self.prompt.append(AssistantPrompt(answer.text, answer.tool_calls))
            if not answer.tool_calls:
                return answer.text
            for call in answer.tool_calls:
                self.prompt.append(ToolPrompt(call.call_id, call.name, self.run(call)))
        msg = f"no answer to {text!r} within {MOST_STEPS} steps"
        raise AssertionError(msg)

    async def step(self) -> ModelAnswer:
        return await OfflineModel().complete(ModelRequest(tuple(self.prompt), schemas(self.tools)))

    def run(self, call: ToolCall) -> str:
        self.calls.append(call)
        arguments = json.loads(call.arguments)
        if call.name == "conversation_search":
            return self.found
        if self.refusal:
            return self.refusal
        before = self.value
        if call.name == "memory_insert":
            new = str(arguments["new_string"])
            self.value = f"{before}\n{new}" if before else new
        else:
            assert before.count(arguments["old_string"]) == 1
            self.value = before.replace(arguments["old_string"], arguments["new_string"])
        return f"Saved. The block now reads:\n{render_change(human(self.value), before)}"


async def test_saves_a_name_and_a_place_and_says_so_once_they_are_saved() -> None:
    talk = Conversation()
    reply = await talk.say("My name is Ada and I live in Lisbon.")
    assert talk.lines == ["Name: Ada", "Lives in Lisbon."]
    assert "Nice to meet you, Ada." in reply
    assert "you live in Lisbon" in reply
    assert [call.name for call in talk.calls] == ["memory_insert"]


async def test_is_honest_about_itself_in_its_first_answer_only() -> None:
    talk = Conversation()
    first = await talk.say("Hello")
    assert "no language model" in first
    assert "FAMILIAR_MODEL" in first
    assert "language model" not in await talk.say("Hello")


async def test_does_not_introduce_itself_again_after_a_summary() -> None:
    talk = Conversation()
    talk.prompt.append(UserPrompt("[note] Earlier in this conversation:\nThey said hello."))
    assert await talk.say("Hello") == "Hello!"


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("I'm called Ada", ["Name: Ada"]),
        ("hi, i'm ada", ["Name: Ada"]),
        ("Call me Ada Lovelace please", ["Name: Ada Lovelace"]),
        ("I moved to Porto last month", ["Lives in Porto."]),
        ("i'm from são paulo", ["Comes from São paulo."]),
        ("I work as a nurse at St. Mary's.", ["Works as a nurse at St. Mary's."]),
        ("I'm a teacher", ["Is a teacher."]),
        ("I'm studying physics at MIT", ["Studies physics at MIT."]),
        ("I like tea, and I hate coffee!", ["Likes tea.", "Dislikes coffee."]),
        ("I live in Lisbon and work as a baker", ["Lives in Lisbon.", "Works as a baker."]),
        ("My birthday is on the 3rd of May", ["Birthday: 3rd of May"]),
        ("I am 31 years old", ["Age: 31"]),
        ("my sister is called Mia", ["Sister: Mia"]),
        ("My sister's name is Mia, and my dog is Rex.", ["Sister: Mia", "Dog: Rex"]),
        ("I have two cats called Tom and Jerry", ["Cats: Tom and Jerry"]),
        ("My mother lives in Faro", ["Mother lives in Faro."]),
        ("My favourite colour is blue.", ["Favourite colour: blue"]),
        ("remember that the plumber comes on Friday", ["Asked to remember: the plumber comes on Friday"]),
        ("Don't forget: my boss is Eve", ["Boss: Eve"]),
        ("Can you remember that my brother is called Tom?", ["Brother: Tom"]),
        ("Remember this:\nI like green tea.", ["Likes green tea."]),
        ("Merk dir das:\nTreffen am Montag.", ["Asked to remember: Treffen am Montag"]),
        ('Remember this:\n[The words of "Bob"]\n> It ships in May.', ['Asked to remember: Bob said: It ships in May']),
        ("I love my job", ["Likes their job."]),
    ],
)  # fmt: skip
async def test_keeps_what_is_worth_keeping(said: str, lines: list[str]) -> None:
    talk = Conversation()
    await talk.say(said)
    assert talk.lines == lines


@pytest.mark.parametrize(
    "said",
    [
        "hi", "thanks a lot!", "How are you?", "lol", "I'm tired", "I'm German", "my day is going well",
        "My dog is sick.", "I love you", "I like that", "What is the capital of France?",
        "If I lived in Paris I would like wine", "she said my name is Bob", "I live in it", "",
        "🙂", "forget that I live in Lisbon", "Remember this:", "Do you know where I live?", "Is my name Ada?",
    ],
)  # fmt: skip
async def test_saves_nothing_from_small_talk_and_questions(said: str) -> None:
    talk = Conversation()
    assert await talk.say(said)
    assert talk.value == ""


@pytest.mark.parametrize(
    "said",
    ["my password is hunter2", "remember that my PIN is 1234", "my card is 4111 1111 1111 1111"],
)
async def test_keeps_no_secrets(said: str) -> None:
    talk = Conversation()
    assert "don't keep passwords" in await talk.say(said)
    assert talk.value == ""


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("Lives in Lisbon.", "Actually, I moved to Porto.", "Lives in Porto."),
        ("Lives in Lisbon.", "no, I live in Porto, not Lisbon", "Lives in Porto."),
        ("Name: Ada", "my name's actually Adele", "Name: Adele"),
        ("Likes tea.", "I don't like tea anymore.", "Dislikes tea."),
        ("Favourite color: blue", "my favorite colour is red", "Favorite colour: red"),
        ("Works as a cook at Acme.", "I don't work at Acme any more", "Used to work at Acme."),
        ("Sister: Mia", "My sister is called Maria", "Sister: Maria"),
        ("Works as a cook.", "I'm working as a nurse now", "Works as a nurse."),
    ],
)
async def test_a_correction_replaces_the_line(before: str, said: str, after: str) -> None:
    talk = Conversation(f"First line.\n{before}\nLast line.")
    await talk.say(said)
    assert talk.lines == ["First line.", after, "Last line."]


async def test_replaces_a_line_that_stands_in_another_one() -> None:
    talk = Conversation("Likes to say: Lives in Lisbon.\nLives in Lisbon.")
    await talk.say("I live in Porto")
    assert talk.lines == ["Likes to say: Lives in Lisbon.", "Lives in Porto."]


async def test_what_is_known_is_not_saved_twice() -> None:
    talk = Conversation("Lives in Lisbon.")
    assert "I know: you live in Lisbon." in await talk.say("I live in Lisbon.")
    assert talk.calls == []


NOTES = """Name: Ada
Lives in Lisbon.
Works as a nurse.
Likes tea.
Dislikes coffee.
Birthday: 3 May
Sister: Mia
Favourite colour: blue
2026-11: took up climbing"""


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("What is my name?", "Your name is Ada."),
        ("what's my name", "Your name is Ada."),
        ("Where do I live?", "You live in Lisbon."),
        ("do you know where I live?", "You live in Lisbon."),
        ("What do I do?", "You work as a nurse."),
        ("what's my job?", "You work as a nurse."),
        ("What do I like?", "You like tea."),
        ("do I like coffee?", "You dislike coffee."),
        ("When is my birthday?", "Your birthday is on 3 May."),
        ("Who is my sister?", "Your sister is Mia."),
        ("What is my sister's name?", "Your sister is Mia."),
        ("Who is Mia?", "Your sister is Mia."),
        ("What is my favorite color?", "Your favourite colour is blue."),
        ("What did I say about climbing?", 'My notes say "2026-11: took up climbing"'),
    ],
)
async def test_answers_from_its_notes(asked: str, answer: str) -> None:
    talk = Conversation(NOTES)
    await talk.say("Hello")
    reply = await talk.say(asked)
    assert answer in reply
    assert talk.calls == [] or reply.endswith(answer)


@pytest.mark.parametrize("asked", ["What do you know about me?", "Who am I?", "tell me about me"])
async def test_tells_all_it_knows(asked: str) -> None:
    reply = await Conversation(NOTES).say(asked)
    for words in ("Ada", "Lisbon", "nurse", "tea", "3 May", "Mia", "climbing"):
        assert words in reply


async def test_saves_and_answers_in_one_message() -> None:
    reply = await Conversation().say("My name is Ada. Where do I live? And what is my name?")
    assert "Nice to meet you, Ada." in reply
    assert "Your name is Ada." in reply
    assert "I don't know" in reply


async def test_searches_for_what_its_notes_lack_and_quotes_it_with_its_date() -> None:
    talk = Conversation(
        found="Found 2 messages.\n\n"
        "   2026-11-02 10:00 assistant: Tell me of Sintra.\n"
        ">> 2026-11-20 23:15 user: What did I say about Sintra?\n\n"
        ">> 2026-11-03 10:01 user: We climbed the hills of Sintra with Bob"
    )
    reply = await talk.say("What did I say about Sintra?")
    assert talk.calls[0].name == "conversation_search"
    assert json.loads(talk.calls[0].arguments)["query"] == "Sintra"
    assert 'On 2026-11-03 you said: "We climbed the hills of Sintra with Bob"' in reply


@pytest.mark.parametrize("asked", ["What is my passport number?", "Where do I live?"])
async def test_says_so_when_it_finds_nothing(asked: str) -> None:
    talk = Conversation()
    assert "I don't know" in await talk.say(asked)
    assert [call.name for call in talk.calls] == ["conversation_search"]


async def test_never_claims_a_save_that_failed() -> None:
    talk = Conversation(refusal="The block `human` is read-only.")
    reply = await talk.say("My name is Ada.")
    assert "couldn't save" in reply
    assert "I'll remember" not in reply


async def test_says_in_its_own_words_that_the_person_is_asked_first() -> None:
    reply = await Conversation(refusal=HELD).say("My name is Ada.")
    assert "I ask you before I keep" in reply
    assert "Don't say" not in reply


async def test_says_so_when_it_has_no_tools() -> None:
    reply = await Conversation(tools=()).say("My name is Ada.")
    assert "can't write anything down" in reply
    assert "I'll remember" not in reply


async def test_points_to_the_commands_for_forgetting() -> None:
    talk = Conversation(NOTES)
    assert "/undo" in await talk.say("Please forget what I told you about tea.")
    assert talk.calls == []


async def test_reads_what_was_changed_from_outside() -> None:
    talk = Conversation("Lives in Lisbon.")
    note = (
        f"[note] The person changed a block. It now reads:\n{render_block(human('Lives in Faro.'))}"
    )
    talk.prompt.append(UserPrompt(note))
    assert "You live in Faro." in await talk.say("Where do I live?")


async def test_reads_long_blocks_that_are_shown_in_part() -> None:
    long = "\n".join(f"Asked to remember: number {n} {'x' * 40}" for n in range(80))
    talk = Conversation(f"Lives in Lisbon.\n{long}")
    await talk.say("My dog is Rex. I moved to Porto.")
    assert "You live in Porto." in await talk.say("Where do I live?")
    assert "Your dog is Rex." in await talk.say("What is my dog called?")


async def test_text_of_a_person_is_not_taken_for_notes() -> None:
    talk = Conversation()
    await talk.say(render_blocks([human("Lives in Atlantis.")]))
    assert "I don't know" in await talk.say("Where do I live?")


async def test_in_a_group_every_line_has_its_owner() -> None:
    talk = Conversation(metadata='[2026-11-20T23:15 Fri Europe/Lisbon | telegram | chat | "Ada"]')
    await talk.say("I live in Lisbon")
    talk.metadata = talk.metadata.replace("Ada", "Bob")
    await talk.say("I live in Porto")
    assert talk.lines == ["Ada: Lives in Lisbon.", "Bob: Lives in Porto."]
    assert "You live in Porto." in await talk.say("Where do I live?")


async def test_streams_word_by_word_at_no_cost() -> None:
    pieces: list[TextDelta] = []
    request = ModelRequest((UserPrompt("What is the capital of France?"),))
    answer = await OfflineModel().stream(request, pieces.append)
    assert "".join(piece.text for piece in pieces) == answer.text
    assert len(pieces) == len(answer.text.split())
    assert answer.usage.cost == 0
    assert answer.usage.prompt_tokens > 0


async def test_the_same_request_gets_the_same_answer() -> None:
    talk = Conversation(NOTES)
    talk.prompt.append(UserPrompt("I moved to Porto. Where do I live?"))
    first, second = await talk.step(), await talk.step()
    assert [call.arguments for call in first.tool_calls] == [c.arguments for c in second.tool_calls]
    assert {c.call_id for c in first.tool_calls}.isdisjoint(c.call_id for c in second.tool_calls)


openings = st.sampled_from(
    [
        "",
        "my name is ",
        "I live in ",
        "remember that ",
        "what is my ",
        "I like ",
        "my dog is ",
        "forget ",
    ]
)
texts = st.builds("{}{}".format, openings, st.text(max_size=200))


@given(st.lists(texts, min_size=1, max_size=3))
async def test_any_text_is_answered_within_two_steps_and_keeps_the_block_whole(
    said: list[str],
) -> None:
    talk = Conversation(NOTES)
    for text in said:
        assert await talk.say(text)
    assert all(re.fullmatch(r"[^\r\n]{1,400}", line) for line in talk.lines)


prompts = st.one_of(
    st.builds(SystemPrompt, st.text()),
    st.builds(UserPrompt, texts),
    st.builds(AssistantPrompt, st.text(), st.just((ToolCall("a", "memory_insert", "{"),))),
    st.builds(AssistantPrompt, st.text()),
    st.builds(ToolPrompt, st.just("a"), st.sampled_from(TOOL_NAMES), st.text()),
)


@given(st.lists(prompts, max_size=8), st.lists(st.sampled_from(TOOL_NAMES), unique=True))
async def test_any_prompt_is_answered(prompt: list[Prompt], tools: list[str]) -> None:
    answer = await OfflineModel().complete(ModelRequest(tuple(prompt), schemas(tools)))
    assert answer.text or answer.tool_calls
    assert {call.name for call in answer.tool_calls} <= set(tools)


async def test_a_long_text_takes_no_long_time() -> None:
    """Patterns that back up on each other would hang here, and the test's time limit would tell."""
    for piece in ("my name is ", "i moved from a to b ", "my a is called b and ", "?! ", "aaaa "):
        assert await Conversation(NOTES).say(piece * 5_000)
