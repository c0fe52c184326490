"""What `familiar init` finds out, as lines of `.env` and as the settings that they would make."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from bot.cli import running
from config.provider_keys import key_name
from config.settings import OFFLINE, Settings, SettingsError, load_settings

OWN_KEY = "FAMILIAR_MODEL_API_KEY"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model, where it is (empty: at its provider's), and its key (empty: the one that is set,
    if there is one).
    """

    name: str = ""
    base_url: str = ""
    key: str = ""

    @property
    def is_offline(self) -> bool:
        return self.name == OFFLINE

    @property
    def key_line(self) -> str:
        """The name of the line that the key goes into."""
        return OWN_KEY if self.base_url else key_name(self.name) or OWN_KEY

    def lines(self, present: Settings) -> Mapping[str, str | None]:
        """The lines of `.env`; None takes one out of use.

        A key for the model alone stays only with the model and the address that it was set for:
        it must not be sent elsewhere.
        """
        same = (self.name, self.base_url) == (present.model, present.model_base_url or "")
        lines: dict[str, str | None] = {
            "FAMILIAR_MODEL": self.name,
            "FAMILIAR_MODEL_BASE_URL": self.base_url or None,
        }
        if self.key or not same:
            lines[OWN_KEY] = None
        if self.key:
            lines[self.key_line] = self.key
        return lines


def settings_with(lines: Mapping[str, str | None]) -> Settings:
    """The settings as they would be with these lines, whatever the environment says.

    Raises:
        SettingsError: they can't be used.
    """
    environ = dict(os.environ)  # noqa: TID251 (the program's own edge)
    return load_settings(
        environ | {name: value or "" for name, value in lines.items()}, running.DOTENV
    )


def problems_with(lines: Mapping[str, str | None]) -> tuple[str, ...]:
    """A sentence for each thing that is wrong with these lines."""
    try:
        settings_with(lines)
    except SettingsError as error:
        return tuple(each.replace(" in the environment ", " ") for each in error.problems)
    return ()


def overruled(lines: Mapping[str, str | None]) -> list[str]:
    """The names of lines that the environment has another value for, which wins."""
    environ = os.environ  # noqa: TID251 (the program's own edge)
    return [name for name, value in lines.items() if environ.get(name) not in (None, "", value)]
