"""What a person is told before anything of theirs is kept, and what they may say to it."""

from __future__ import annotations

from agentcore.records import ConsentTerms
from bot.names import provider_of
from config.settings import OFFLINE, Settings

VERSION = "1"
"""Raised when what the terms say changes: where consent is required, all are asked again."""


def consent_terms(settings: Settings) -> ConsentTerms:
    """The terms of this service: who sees what is said depends on its model."""
    if settings.model == OFFLINE:
        key, arguments = "terms.offline", {}
    else:
        key, arguments = "terms.provider", {"provider": provider_of(settings.model, settings)}
    return ConsentTerms(VERSION, settings.consent == "required", key, arguments)
