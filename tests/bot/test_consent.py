"""Who the terms name, and when they change."""

from __future__ import annotations

from typing import Any

import pytest

from bot.texts import LANGUAGES, text_of
from bot.wording.consent import consent_terms
from config.settings import Settings

MODEL: dict[str, Any] = {"model": "openai/gpt-4o-mini", "model_api_key": "sk-test-0123456789"}
SAME: dict[str, Any] = {"embedding_model": "openai/text-embedding-3-small"}
OTHER: dict[str, Any] = {"embedding_model": "mistral/mistral-embed"}
OWN: dict[str, Any] = {
    "embedding_model": "openai/bge-m3",
    "embedding_base_url": "http://search.local/v1",
}


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ({}, []),
        (MODEL, ["OpenAI"]),
        ({**MODEL, **SAME}, ["OpenAI"]),
        ({**MODEL, **OTHER}, ["OpenAI", "Mistral AI"]),
        ({**MODEL, **OWN}, ["OpenAI", "bge-m3 (search.local)"]),
        (OTHER, ["Mistral AI"]),
        ({"sleep_model": "openai/gpt-4o-mini"}, ["OpenAI"]),
        ({"sleep_model": "openai/gpt-4o-mini", "sleep_minutes": 0}, []),
        ({**MODEL, "sleep_model": "mistral/small"}, ["OpenAI", "Mistral AI"]),
    ],
)
def test_whoever_reads_what_is_said_is_named(chosen: dict[str, Any], named: list[str]) -> None:
    terms = consent_terms(Settings(**chosen))
    for language in LANGUAGES:
        for key in (terms.key, terms.changed_key):
            told = text_of(key, terms.arguments, language)
            assert all(name in told for name in named)
            assert "/delete" in told
    for other in ("OpenAI", "Mistral AI", "bge-m3 (search.local)"):
        assert (other in named) == (other in terms.version)


def test_they_change_with_whoever_reads_and_not_with_a_model_of_the_same() -> None:
    versions = [
        consent_terms(Settings(**chosen)).version
        for chosen in ({}, MODEL, {**MODEL, **SAME}, {**MODEL, **OTHER}, OTHER)
    ]
    assert versions[1] == versions[2]
    assert len(set(versions)) == 4
