"""Cache marks: what is sent of them, to whom, and what comes of it over a conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentcore.litellm_model import LitellmModel
from agentcore.litellm_model.caching import knows_marks
from agentcore.loop.asking import ask
from agentcore.model import (
    AssistantPrompt,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolPrompt,
    UserPrompt,
)
from agentcore.providers import ProviderConfig
from agentcore.records import StopReason, ToolCall
from tests.contracts.model_harness import TOOLS
from tests.house import house
from tests.simulators.anthropic_server import AnthropicServer, blocks_of
from tests.simulators.openai_replies import Answer
from tests.simulators.openai_server import API_KEY, OpenAIServer

pytestmark = [
    pytest.mark.filterwarnings("ignore:Item .* on TypedDict class .* `ReadOnly`:UserWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_\\w+':DeprecationWarning"),
    pytest.mark.usefixtures("warm_litellm"),
]
calling = pytest.mark.usefixtures("closing_connections")

CLAUDE = "anthropic/claude-sonnet-4-5"
CALL = ToolCall("c1", TOOLS[0].name, "{}")
HEAD: tuple[Prompt, ...] = (SystemPrompt("Be kind. " * 50), UserPrompt("Hello."))


def claude(server: AnthropicServer) -> LitellmModel:
    return LitellmModel(ProviderConfig(CLAUDE, api_base=server.base_url, api_key="sk-ant-x"))


def marks(body: dict[str, object]) -> list[str]:
    """The texts of the marked blocks."""
    return [
        str(block.get("text") or block.get("content"))
        for block in blocks_of(body)
        if "cache_control" in block
    ]


@calling
@pytest.mark.parametrize(
    ("prompt", "last"),
    [
        (HEAD, "Hello."),
        ((*HEAD, AssistantPrompt("Hi!"), UserPrompt("Well?")), "Well?"),
        ((*HEAD, AssistantPrompt("", (CALL,)), ToolPrompt("c1", CALL.name, "Found.")), "Found."),
    ],
)
async def test_the_instructions_and_the_last_message_are_marked(
    prompt: tuple[Prompt, ...], last: str
) -> None:
    async with AnthropicServer("Yes.") as server:
        answer = await claude(server).complete(ModelRequest(prompt, TOOLS))
    assert answer.text == "Yes."
    system, other = marks(server.requests[0])
    assert system.startswith("Be kind.")
    assert last in other


@calling
async def test_an_aside_that_no_later_prompt_has_is_not_kept() -> None:
    async with AnthropicServer(" ", "Yes.") as server:
        await ask([claude(server)], ModelRequest(HEAD, TOOLS), None, silence_is_fine=False)
        await claude(server).complete(ModelRequest(HEAD, stable=0))
    nudged, alone = server.requests[1:]
    assert marks(nudged)[1] == "Hello."
    assert "empty or could not be read" in nudged["messages"][-1]["content"][-1]["text"]
    assert marks(alone) == []


@calling
async def test_a_conversation_is_read_from_the_cache_but_for_what_is_new(tmp_path: Path) -> None:
    async with AnthropicServer("Yes.") as server, house(tmp_path, claude(server)) as home:
        for text in ("I'm Ada.", "I like rivers.", "And seas."):
            assert (await home.say("ada", text)).reason is StopReason.END_TURN
        (use,) = (await home.parts.store.statistics()).today.models
    reads = [usage["cache_read_input_tokens"] for usage in server.usages]
    whole = [sum(usage.values()) for usage in server.usages]
    assert reads[0] == 0
    assert reads[1:] == whole[:-1], "all of the request before, and only what is new is new"
    assert use.cached_tokens == sum(reads)
    assert use.prompt_tokens == sum(whole)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (CLAUDE, True),
        ("claude-sonnet-4-5", True),
        ("anthropic/claude-from-tomorrow", True),
        ("openrouter/anthropic/claude-sonnet-4.5", True),
        ("bedrock/anthropic.claude-sonnet-4-20250514-v1:0", True),
        ("openai/gpt-4o-mini", False),
        ("openai/claude-behind-a-proxy", False),
        ("gemini/gemini-2.5-pro", False),
        ("ollama/llama3", False),
    ],
)
def test_only_who_knows_marks_is_sent_any(name: str, known: bool) -> None:
    assert knows_marks(name) is known


@calling
async def test_a_provider_that_knows_no_marks_gets_plain_messages() -> None:
    async with OpenAIServer(brain=lambda _: Answer("Hello")) as server:
        config = ProviderConfig("openai/gpt-4o-mini", api_base=server.base_url, api_key=API_KEY)
        await LitellmModel(config).complete(ModelRequest(HEAD, TOOLS))
    assert "cache_control" not in str(server.requests[0])
