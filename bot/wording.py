"""The catalogue as adapters see it: `adapters.wording.Wording`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.wording import Audience, MenuEntry
from bot.gateway import Groups
from bot.menu import menu_of
from bot.texts import LANGUAGES, text_of


class CatalogueWording:
    """`Wording` over `bot.menu` and `bot.texts`. `groups`: who answers in them."""

    languages = tuple(LANGUAGES)

    def __init__(self, groups: Groups = "shared") -> None:
        self._groups = groups

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        """See `Wording.menu`."""
        return menu_of("private" if audience == "private" else self._groups, language)

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        """See `Wording.text`."""
        return text_of(key, arguments, language)
