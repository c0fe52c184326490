"""Which models a service may use, and in which order they are asked."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from agentcore.errors import BadInput, NotFound
from agentcore.testing import FakeClock, ScriptedModel
from bot.measures import NoMeasures
from bot.models.allowed import ModelDirectory, model_directory, require_keys
from bot.models.clients import client_of, needs_litellm, require_clients
from config.settings import Settings

MODELS = {name: ScriptedModel(name=name) for name in ("main", "second", "third", "offline")}


def names(directory: ModelDirectory, wanted: str | None) -> list[str]:
    return [model.name for model in directory.ladder(wanted)]


@pytest.mark.parametrize(
    ("wanted", "ladder"),
    [
        (None, ["main", "second", "third"]),
        ("main", ["main", "second", "third"]),
        ("offline", ["offline", "second", "third"]),
        ("third", ["third", "second"]),
    ],
)
def test_every_model_is_followed_by_the_fallbacks_once_each(
    wanted: str | None, ladder: list[str]
) -> None:
    directory = ModelDirectory(MODELS, default="main", fallbacks=["second", "third"])

    assert names(directory, wanted) == ladder


def test_a_model_that_is_not_allowed_is_refused_with_those_that_are() -> None:
    directory = ModelDirectory(MODELS, default="main", fallbacks=[])

    with pytest.raises(NotFound, match=r"openai/o9 .*main, second, third, offline.*FAMILIAR_MODEL"):
        directory.ladder("openai/o9")


def test_a_service_without_settings_has_the_offline_model_and_needs_no_library() -> None:
    settings = Settings()

    assert names(model_directory(settings, FakeClock(), NoMeasures()), None) == ["offline"]
    assert not needs_litellm(settings)
    require_keys(settings)


def test_the_settings_say_which_models_there_are_and_which_comes_next() -> None:
    settings = Settings(model="openai/gpt-4o-mini", fallback_models=("offline",))
    directory = model_directory(settings, FakeClock(), NoMeasures())

    assert names(directory, None) == ["openai/gpt-4o-mini", "offline"]
    assert names(directory, "offline") == ["offline"]


def test_an_allow_list_leaves_the_offline_model_out() -> None:
    settings = Settings(model="openai/gpt-4o-mini", models=("openai/gpt-4o",))
    directory = model_directory(settings, FakeClock(), NoMeasures())

    assert names(directory, "openai/gpt-4o") == ["openai/gpt-4o"]
    with pytest.raises(NotFound):
        directory.ladder("offline")


def test_every_missing_key_is_named_at_once() -> None:
    settings = Settings(
        model="openai/gpt-4o-mini",
        fallback_models=("anthropic/claude-sonnet-4-5", "ollama/x"),
        sleep_model="mistral/mistral-small",
    )

    with pytest.raises(BadInput) as raised:
        require_keys(settings)

    assert "openai/gpt-4o-mini needs OPENAI_API_KEY" in str(raised.value)
    assert "anthropic/claude-sonnet-4-5 needs ANTHROPIC_API_KEY" in str(raised.value)
    assert "mistral/mistral-small needs MISTRAL_API_KEY" in str(raised.value)
    assert "ollama" not in str(raised.value)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(model="openai/x", model_api_key=SecretStr("k")),
        Settings(model="openai/x", model_base_url="http://127.0.0.1:1/v1"),
        Settings(model="openai/x", provider_keys={"OPENAI_API_KEY": SecretStr("k")}),
        Settings(model="someone/unheard-of"),
    ],
)
def test_a_model_with_a_key_or_a_server_of_its_own_wants_no_other(settings: Settings) -> None:
    require_keys(settings)


SERVER = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("settings", "client"),
    [
        (Settings(model="offline"), "offline"),
        (Settings(model="openai/gpt-4o-mini"), "direct"),
        (Settings(model="openai/own", model_base_url=SERVER), "direct"),
        (Settings(model="openai/own", model_base_url=SERVER, model_client="litellm"), "litellm"),
        (Settings(model="groq/llama-3.3-70b-versatile"), "litellm"),
        (Settings(model="groq/llama-3.3-70b-versatile", model_client="direct"), "direct"),
        (Settings(model="anthropic/claude-sonnet-4-5"), "litellm"),
        (Settings(model="ollama_chat/llama3.1", model_base_url=SERVER), "litellm"),
    ],
)
def test_a_model_is_reached_directly_where_that_is_sure_to_work(
    settings: Settings, client: str
) -> None:
    assert client_of(settings.model, settings) == client
    assert needs_litellm(settings) == (client == "litellm")
    require_clients(settings)


def test_an_address_of_ones_own_is_the_main_models_alone() -> None:
    settings = Settings(
        model="openai/own", model_base_url=SERVER, fallback_models=("anthropic/claude-haiku-4-5",)
    )

    assert client_of("openai/own", settings) == "direct"
    assert client_of("anthropic/claude-haiku-4-5", settings) == "litellm"
    assert needs_litellm(settings)


def test_a_model_that_plain_http_cannot_reach_is_refused_with_what_to_do() -> None:
    settings = Settings(
        model="openai/gpt-4o", fallback_models=("gemini/gemini-2.5-flash",), model_client="direct"
    )

    with pytest.raises(BadInput, match=r"gemini/gemini-2.5-flash .*FAMILIAR_MODEL_CLIENT=auto"):
        require_clients(settings)
