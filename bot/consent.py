"""What a person is told before anything of theirs is kept, and what they may say to it."""

from __future__ import annotations

from agentcore.records import ConsentTerms
from bot.names import provider_of
from config.settings import OFFLINE, Settings

VERSION = "1"
"""Raised when what the terms say changes."""


def consent_terms(settings: Settings) -> ConsentTerms:
    """The terms of this service: who sees what is said depends on its models. When that changes,
    so does their version: everybody is told again, or asked again where a yes is required.
    """
    required = settings.consent == "required"
    asleep = settings.sleep_model if settings.sleep_minutes else None
    away = [each for each in (settings.model, asleep) if each not in {None, OFFLINE}]
    if not away:
        return ConsentTerms(VERSION, required, "terms.offline", "terms.offline_now")
    provider = ", ".join(dict.fromkeys(provider_of(each, settings) for each in away))
    version = f"{VERSION} {provider}"
    arguments = {"provider": provider}
    return ConsentTerms(version, required, "terms.provider", "terms.provider_now", arguments)
