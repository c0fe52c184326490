"""The catalogue as adapters see it: `adapters.wording.Wording`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.wording import Audience, MenuEntry
from bot.chat.gateway import Groups
from bot.texts import LANGUAGES, text_of
from bot.wording.menu import NOTHING_NAMED, Named, menu_of


class CatalogueWording:
    """`Wording` over `bot.wording.menu` and `bot.texts`. `groups`: who answers in them; `named`: what people
    may choose from.
    """

    languages = tuple(LANGUAGES)

    def __init__(self, groups: Groups = "shared", named: Named = NOTHING_NAMED) -> None:
        self._groups = groups
        self._named = named

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        """See `Wording.menu`."""
        place = "private" if audience == "private" else self._groups
        return menu_of(place, language, self._named)

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        """See `Wording.text`."""
        return text_of(key, arguments, language)
