"""Which key goes with which model."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load_settings

KEY = "sk-do-not-show-me"


def test_provider_keys_are_taken_from_both_places(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("OPENROUTER_API_KEY=b\nANTHROPIC_API_KEY=old\n")
    settings = load_settings({"ANTHROPIC_API_KEY": "a", "FAMILIAR_MODEL_API_KEY": "c"}, dotenv)
    shown = {name: key.get_secret_value() for name, key in settings.provider_keys.items()}
    assert shown == {"ANTHROPIC_API_KEY": "a", "OPENROUTER_API_KEY": "b"}


@pytest.mark.parametrize(
    ("model", "environ", "missing"),
    [
        ("offline", {}, None),
        ("openai/gpt-4o", {}, "OPENAI_API_KEY"),
        ("gpt-4o", {}, "OPENAI_API_KEY"),
        ("claude-sonnet-4-5", {}, "ANTHROPIC_API_KEY"),
        ("anthropic/claude-sonnet-4-5", {"OPENAI_API_KEY": KEY}, "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-flash", {"GOOGLE_API_KEY": KEY}, None),
        ("openrouter/openai/gpt-4o", {"OPENAI_API_KEY": KEY}, "OPENROUTER_API_KEY"),
        ("ollama/llama3", {}, None),
        ("openai/gpt-4o", {"OPENAI_API_KEY": KEY}, None),
    ],
)
def test_the_key_that_a_model_lacks_has_a_name(
    model: str, environ: dict[str, str], missing: str | None
) -> None:
    assert load_settings(environ).missing_provider_key(model) == missing


@pytest.mark.parametrize(
    "own",
    [
        {"FAMILIAR_MODEL_BASE_URL": "http://127.0.0.1:11434/v1/"},
        {"FAMILIAR_MODEL_API_KEY": KEY},
    ],
)
def test_a_server_or_key_of_its_own_serves_the_main_model_alone(own: dict[str, str]) -> None:
    settings = load_settings({"FAMILIAR_MODEL": "openai/main", **own})
    assert settings.missing_provider_key("openai/main") is None
    assert settings.missing_provider_key("openai/other") == "OPENAI_API_KEY"


def test_each_model_gets_its_own_key() -> None:
    settings = load_settings(
        {
            "FAMILIAR_MODEL": "openai/main",
            "FAMILIAR_MODEL_API_KEY": "main",
            "OPENAI_API_KEY": "openai",
            "GROQ_API_KEY": "groq",
            "NEBIUS_API_KEY": "nebius",
        }
    )
    models = ("openai/main", "openai/other", "groq/llama", "nebius/x", "mistral/x", "unknown")
    keys = [settings.api_key(model) for model in models]
    assert [key and key.get_secret_value() for key in keys] == [
        "main",
        "openai",
        "groq",
        "nebius",
        None,
        None,
    ]
