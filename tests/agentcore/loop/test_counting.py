"""The provider's own count as the anchor of the next estimate."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentcore.loop import counting
from agentcore.loop.counting import expected
from agentcore.loop.window import estimate
from agentcore.model import (
    AssistantPrompt,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolCall,
    ToolPrompt,
    ToolSchema,
    Usage,
    UserPrompt,
)
from agentcore.records import TokenCount

TEXT = st.sampled_from(["tea", "A long walk. " * 9, "里斯本" * 30, "🐉" * 9, "x" * 300])
PROMPT = st.one_of(
    st.builds(UserPrompt, TEXT),
    st.builds(AssistantPrompt, TEXT),
    st.builds(
        AssistantPrompt, TEXT, st.builds(lambda text: (ToolCall("c", "search", text),), TEXT)
    ),
    st.builds(ToolPrompt, st.just("c"), st.just("search"), TEXT),
)
TOOLS = [ToolSchema("search", "Finds what was said.", {"type": "object"})]
HEAD = SystemPrompt("Be kind. " * 40)


def asked(*prompts: Prompt) -> ModelRequest:
    return ModelRequest((HEAD, *prompts), TOOLS)


def counted(request: ModelRequest, prompt: int, completion: int = 0) -> TokenCount:
    count = count_of(request, "m", Usage(prompt, completion))
    assert count is not None
    return count


def count_of(request: ModelRequest, model: str, usage: Usage) -> TokenCount | None:
    foreseen = estimate(request.prompt, request.tools)
    return counting.count_of(request, model, usage, foreseen=foreseen)


def real(prompts: list[Prompt], share: float) -> int:
    """What some tokenizer makes of it: it never finds more tokens than we fear."""
    return sum(int(estimate([each]) * share) for each in prompts)


@given(
    st.lists(PROMPT, max_size=6),
    PROMPT,
    st.lists(PROMPT, max_size=6),
    st.floats(0.55, 1.0),
    st.floats(0.55, 1.0),
    st.integers(0, 3_000),
)
def test_what_is_expected_is_never_less_than_what_is_counted(
    before: list[Prompt],
    answer: Prompt,
    after: list[Prompt],
    share: float,
    answer_share: float,
    thought: int,
) -> None:
    request = asked(*before)
    sent = real([HEAD, *before], share) + estimate((), TOOLS)
    written = int(estimate([answer]) * answer_share)
    usage = Usage(sent, written + thought)
    count = count_of(request, "m", usage)
    whole = [HEAD, *before, answer, *after]
    total = sent + written + real(after, share)
    told = expected(whole, TOOLS, model="m", last=count)
    assert total <= told <= estimate(whole, TOOLS)


def test_only_what_was_added_is_estimated() -> None:
    request = asked(UserPrompt("tea " * 300))
    count = counted(request, 350, 20)
    more = UserPrompt("And milk?")
    grown = (*request.prompt, more)
    assert expected(grown, TOOLS, model="m", last=count) == 350 + estimate([more])
    answered = (*request.prompt, AssistantPrompt("yes " * 200), more)
    assert expected(answered, TOOLS, model="m", last=count) == 350 + 20 + 6 + estimate([more])


def test_a_count_holds_for_the_same_prompts_of_the_same_model_only() -> None:
    request = asked(UserPrompt("tea " * 300))
    count = counted(request, 300)
    other = (HEAD, UserPrompt("milk " * 300))
    for prompts, tools, model in (
        (other, TOOLS, "m"),
        (request.prompt[:1], TOOLS, "m"),
        (request.prompt, [], "m"),
        (request.prompt, TOOLS, "another"),
    ):
        assert expected(prompts, tools, model=model, last=count) == estimate(prompts, tools)
    assert expected(request.prompt, TOOLS, model="m", last=count) == 300
    assert expected(request.prompt, TOOLS, model="m", last=None) == estimate(request.prompt, TOOLS)


def test_a_count_of_what_was_not_cached_alone_is_not_believed() -> None:
    request = asked(UserPrompt("tea " * 300))
    size = estimate(request.prompt, TOOLS)
    for prompt in (0, 5, size // 2 - 1):
        assert count_of(request, "m", Usage(prompt, 9)) is None
    assert count_of(request, "m", Usage(size // 2 + 1, 9)) is not None


def test_a_count_holds_no_word_of_what_was_counted() -> None:
    count = counted(asked(UserPrompt("MARKER " * 300)), 1_000)
    assert "MARKER" not in repr(replace(count))
