from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from agentcore.errors import ModelRefused
from agentcore.litellm_model import LitellmModel
from agentcore.litellm_model.library import library
from agentcore.litellm_model.usage import usage_of
from agentcore.model import (
    Capabilities,
    Model,
    ModelRequest,
    Price,
    UserPrompt,
)
from agentcore.providers import Patience, ProviderConfig
from agentcore.providers.catalog import UNKNOWN_MODEL, capabilities_of
from tests.contracts.model_contract import ModelContract
from tests.contracts.model_costs import CostContract
from tests.contracts.model_harness import Connect, Wish
from tests.contracts.model_patience import PatienceContract
from tests.simulators.openai_server import OpenAIServer

# litellm's own, about its types: pydantic says them once a process and at every streamed piece.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Item .* on TypedDict class .* `ReadOnly`:UserWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_\\w+':DeprecationWarning"),
]


def connected(base_url: str, wish: Wish) -> Model:
    async def sleep(seconds: float) -> None:
        wish.waits.append(seconds)

    config = ProviderConfig(
        f"openai/{wish.name}",
        api_base=base_url,
        api_key=wish.api_key,
        capabilities=wish.capabilities,
        timeout=wish.timeout,
    )
    return LitellmModel(config, sleep=sleep)


@pytest.mark.usefixtures("warm_litellm", "closing_connections")
class TestLitellmModel(ModelContract, PatienceContract, CostContract):
    @pytest.fixture
    def connect(self) -> Connect:
        return connected

    async def test_sends_no_key_of_the_environment_to_a_server_of_ones_own(
        self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment-0123")
        model = LitellmModel(ProviderConfig("openai/gpt-4o-mini", api_base=server.base_url))
        with pytest.raises(ModelRefused, match="key"):
            await model.complete(ModelRequest((UserPrompt("Hi"),)))
        assert server.keys == ["none"]


def test_the_key_is_never_shown() -> None:
    config = ProviderConfig("openai/gpt-4o-mini", api_key="sk-secret")
    assert "sk-secret" not in repr(config)


@pytest.mark.parametrize(
    ("name", "window", "tools"),
    [
        ("openai/gpt-4o-mini", 128_000, "native"),
        ("gpt-4o-mini", 128_000, "native"),
        ("anthropic/claude-sonnet-4-5", 200_000, "native"),
        ("ollama/llama2", 4_096, "none"),
        ("ollama_chat/llama3.1", 8_192, "native"),
    ],
)
def test_knows_what_models_can_do_from_litellms_table(name: str, window: int, tools: str) -> None:
    known = capabilities_of(name)
    assert (known.window, known.tools) == (window, tools)


@pytest.mark.parametrize("name", ["openai/nobody-knows", "mistral/gpt-4o-mini", "", "/", "a/b/c/d"])
def test_a_model_that_the_table_does_not_list_gets_careful_defaults(name: str) -> None:
    assert capabilities_of(name) == UNKNOWN_MODEL


def test_the_operator_knows_better_than_the_table() -> None:
    narrow = ProviderConfig("openai/gpt-4o-mini", window=16_000)
    assert LitellmModel(narrow).capabilities.window == 16_000
    assert LitellmModel(narrow).capabilities.images
    own = Capabilities(window=4_096, tools="none")
    assert LitellmModel(replace(narrow, window=None, capabilities=own)).capabilities == own


@pytest.mark.parametrize(
    ("config", "cost"),
    [
        (ProviderConfig("openai/x", price=Price(prompt=2.0, completion=8.0)), 2_800),
        (ProviderConfig("openai/gpt-4o-mini", price=Price(prompt=0, completion=0)), 0),
        (ProviderConfig("ollama/llama3.1"), 0),
        (ProviderConfig("ollama/gpt-oss:120b-unheard-of"), None),
        (ProviderConfig("gemini/gemma-3-27b-it"), None),  # 0 in the table, and hosted
        (ProviderConfig("openrouter/someone/something"), None),
    ],
)
def test_cost_is_known_or_none(config: ProviderConfig, cost: int | None) -> None:
    reported = library().Usage(prompt_tokens=1_000, completion_tokens=100, total_tokens=1_100)
    assert usage_of(reported, config).cost == cost


def test_a_reseller_that_states_its_charge_is_believed() -> None:
    reported = library().Usage(prompt_tokens=10, completion_tokens=1, total_tokens=11, cost=0.00042)
    assert usage_of(reported, ProviderConfig("openrouter/someone/something")).cost == 420


class TestPatience:
    def test_waits_grow_up_to_a_bound(self) -> None:
        patience = Patience(retries=10)
        waits = [patience.wait(n, wish=None, left=60, luck=0.999) for n in range(1, 11)]
        assert waits == sorted(waits, key=lambda wait: wait or 0)
        assert max(wait or 0 for wait in waits) <= patience.longest_wait

    def test_a_wish_shorter_than_the_backoff_does_not_shorten_it(self) -> None:
        assert Patience().wait(3, wish=0.0, left=60, luck=0.0) == 1.0

    def test_gives_up(self) -> None:
        patience = Patience(retries=2)
        assert patience.wait(3, wish=None, left=60, luck=0) is None
        assert patience.wait(1, wish=31, left=60, luck=0) is None
        assert patience.wait(1, wish=5, left=5, luck=0) is None


def in_a_new_process(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603 (our own program)


def test_prices_are_the_tables_own_and_unknown_ones_are_not_zero() -> None:
    listed = capabilities_of("openai/gpt-4o-mini").price
    assert listed is not None
    assert (round(listed.prompt, 2), round(listed.completion, 2)) == (0.15, 0.6)
    assert capabilities_of("ollama/llama3.1").price == Price(0, 0)
    assert capabilities_of("openai/a-model-nobody-knows").price is None
    model = LitellmModel(ProviderConfig("openai/gpt-4o-mini", price=Price(2, 8)))
    assert model.capabilities.price == Price(2, 8)


def test_reading_capabilities_does_not_import_litellm() -> None:
    code = (
        "import sys\n"
        "from agentcore.litellm_model import LitellmModel\n"
        "from agentcore.providers import ProviderConfig\n"
        "print(LitellmModel(ProviderConfig('openai/gpt-4o-mini')).capabilities.window)\n"
        "print([m for m in ('litellm', 'openai', 'aiohttp') if m in sys.modules])\n"
    )
    assert in_a_new_process(code) == "128000\n[]"
