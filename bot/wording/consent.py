"""What a person is told before anything of theirs is kept, and what they may say to it."""

from __future__ import annotations

from agentcore.records import ConsentTerms
from bot.wording.names import provider_of, search_provider_of
from config.settings import OFFLINE, Settings

VERSION = "1"
"""Raised when what the terms say changes."""


def consent_terms(settings: Settings) -> ConsentTerms:
    """The terms of this service: who sees what is said depends on its models, and on the one that
    makes messages findable by their meaning. When that changes, so does their version: everybody
    is told again, or asked again where a yes is required.
    """
    asleep = settings.sleep_model if settings.sleep_minutes else None
    away = [each for each in (settings.model, asleep) if each not in {None, OFFLINE}]
    readers = list(dict.fromkeys(provider_of(each, settings) for each in away))
    search = search_provider_of(settings)
    if search in readers:  # told with the model
        search = None
    arguments: dict[str, str | int] = {}
    if readers:
        arguments["provider"] = ", ".join(readers)
    if search is not None:
        arguments["search"] = search
    named = [", ".join(readers), search and f"+ {search}"]
    return ConsentTerms(
        " ".join([VERSION, *filter(None, named)]),
        settings.consent == "required",
        *_KEYS[bool(readers), search is not None],
        arguments,
    )


_KEYS = {
    (False, False): ("terms.offline", "terms.offline_now"),
    (False, True): ("terms.search", "terms.search_now"),
    (True, False): ("terms.provider", "terms.provider_now"),
    (True, True): ("terms.provider_search", "terms.provider_search_now"),
}
"""By whether a model's provider reads along, and whether another one for the search does."""
