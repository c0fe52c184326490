"""The catalogue as adapters see it: `adapters.wording.Wording`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.wording import Audience, MenuEntry
from bot.commands import COMMANDS
from bot.texts import LANGUAGES, text_of


class CatalogueWording:
    """`Wording` over `bot.texts` and the commands there are."""

    languages = tuple(LANGUAGES)

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        """See `Wording.menu`."""
        return [
            MenuEntry(name, text_of("reply.help", {}, language)[:1])
            for name, command in COMMANDS.items()
            if not command.hidden
        ]

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        """See `Wording.text`."""
        return text_of(key, arguments, language)
