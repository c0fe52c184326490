"""The catalogue as adapters see it: `adapters.wording.Wording`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.wording import Audience, MenuEntry
from bot.menu import menu_of
from bot.texts import LANGUAGES, text_of


class CatalogueWording:
    """`Wording` over `bot.menu` and `bot.texts`."""

    languages = tuple(LANGUAGES)

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        """See `Wording.menu`."""
        return menu_of(audience, language)

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        """See `Wording.text`."""
        return text_of(key, arguments, language)
