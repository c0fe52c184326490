"""Every text of ours that a person gets to read, by key and language. Never part of a prompt.

One module per topic, which holds the topic's texts in every language side by side. Keys that
begin with `reply.` are what a command gives back; all others are remarks of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agentcore.records import NoticeArguments
from bot.texts import (
    about,
    account,
    actions,
    arguments,
    choices,
    deletion,
    discord,
    exporting,
    forgetting,
    groups,
    linking,
    memory,
    menu,
    people,
    refusals,
    replies,
    sharing,
    sleep,
    turns,
    web,
)
from bot.texts.base import Texts

_TOPICS = (
    about,
    account,
    actions,
    arguments,
    choices,
    deletion,
    discord,
    exporting,
    forgetting,
    groups,
    linking,
    memory,
    menu,
    people,
    refusals,
    replies,
    sharing,
    sleep,
    turns,
    web,
)


def _merged(topics: Iterable[Texts]) -> Texts:
    """All topics' texts; a key that two of them have is a bug."""
    found: dict[str, str] = {}
    for texts in topics:
        if twice := found.keys() & texts.keys():
            msg = f"two topics have the keys {sorted(twice)}"
            raise ValueError(msg)
        found.update(texts)
    return MappingProxyType(found)


ENGLISH = _merged(topic.ENGLISH for topic in _TOPICS)
LANGUAGES: Mapping[str, Texts] = MappingProxyType(
    {"en": ENGLISH, "de": _merged(topic.GERMAN for topic in _TOPICS)}
)


def language_of(tag: str | None) -> str:
    """The language of ours that suits a tag such as "de-AT"; English where none does."""
    spoken = (tag or "en").replace("_", "-").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else "en"


def text_of(key: str, arguments: NoticeArguments, language: str | None) -> str:
    """The text in the reader's language, or in English where that has none.

    Raises:
        KeyError: no such key: a bug, which a test rules out for every key in use.
    """
    template = LANGUAGES[language_of(language)].get(key) or ENGLISH[key]
    return template.format_map(arguments)
