"""What Discord shows of the bot before anybody writes: its commands.

They are kept at Discord, for all places at once, and are set anew as a whole, which is done only
when something has changed: Discord takes but 200 new commands a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import discord
from discord import AppCommandOptionType, AppCommandType, Permissions

from adapters.base import AdapterState
from adapters.push.labels import label
from adapters.push.publishing import publish
from adapters.wording import MenuArgument, MenuEntry, Wording

ASK = "ask"
"""The command that takes a message where the bot hears nothing else."""
ASK_ARGUMENT = "message"

_LONGEST_NAME = 32
_LONGEST_LINE = 100
_MOST_CHOICES = 25
_LONGEST_WHY = 300
_PATIENCE = 300.0
"""Seconds for the call, with the library's own waiting: when the day's commands are used up, it
would wait for the next day.
"""

_EVERYWHERE = [0, 1]
_SERVERS_ONLY = [0]
"""By whose installation: a server's, and a person's own."""
_IN_SERVERS, _WITH_THE_BOT, _AMONG_PEOPLE = 0, 1, 2
"""Where: the third are chats of people with each other, groups or not."""

Json = dict[str, Any]


async def publish_menus(client: discord.Client, wording: Wording, state: AdapterState) -> None:
    """Tell Discord the commands if they have changed since the last time. See `publishing`. The
    client is logged in.
    """
    commands = commands_of(wording)

    async def tell() -> None:
        with anyio.fail_after(_PATIENCE):
            await client.http.bulk_upsert_global_commands(client.application_id or 0, commands)

    said = json.dumps([client.application_id, commands], sort_keys=True)
    await publish(said, tell, state, _told_by)


def _told_by(error: Exception) -> Mapping[str, object]:
    """What Discord says is wrong, with its number."""
    if not isinstance(error, discord.HTTPException):
        return {}
    return {"code": error.code, "why": " ".join(error.text.split())[:_LONGEST_WHY]}


def commands_of(wording: Wording) -> list[Any]:
    """All commands, as Discord wants to be told them."""
    menus = {language: _Menus.read(wording, language) for language in wording.languages}
    first = menus[wording.languages[0]]
    others = {each: menus[each] for each in wording.languages[1:]}
    commands = [first.command(name, others) for name in first.names]
    return [*commands, _ask(wording), _remember(wording)]


@dataclass(frozen=True, slots=True)
class _Menus:
    """The entries of one language, by name and by where they make sense."""

    private: Mapping[str, MenuEntry]
    chat: Mapping[str, MenuEntry]

    @classmethod
    def read(cls, wording: Wording, language: str) -> _Menus:
        private = {each.command: each for each in wording.menu("private", language)}
        chat = {each.command: each for each in wording.menu("chat", language)}
        return cls(private, chat)

    @property
    def names(self) -> Iterator[str]:
        yield from self.private
        yield from (name for name in self.chat if name not in self.private)

    def line(self, name: str) -> str:
        """A command has one line, wherever it is shown."""
        lines = {each.description: None for each in self._entries(name)}
        return label(" · ".join(lines), _LONGEST_LINE)

    def argument(self, name: str) -> MenuArgument | None:
        entries = self._entries(name)
        return next((each.argument for each in entries if each.argument is not None), None)

    def command(self, name: str, others: Mapping[str, _Menus]) -> Json:
        """This command, with the lines of other languages."""
        lines = {each: menus.line(name) for each, menus in others.items()}
        arguments = {each: menus.argument(name) for each, menus in others.items()}
        argument = self.argument(name)
        options = [] if argument is None else [_option(argument, arguments)]
        private, chat = name in self.private, name in self.chat
        command: Json = {
            "type": AppCommandType.chat_input.value,
            "name": name,
            "description": self.line(name),
            "description_localizations": _localized(lines),
            "options": options,
            "contexts": [
                *([_IN_SERVERS] if chat else []),
                *([_WITH_THE_BOT, _AMONG_PEOPLE] if private else []),
            ],
            "integration_types": _EVERYWHERE if private else _SERVERS_ONLY,
        }
        if chat and self.chat[name].for_admins:
            allowed = Permissions(manage_guild=True).value
            command["default_member_permissions"] = str(allowed)
        return command

    def _entries(self, name: str) -> Sequence[MenuEntry]:
        return [menu[name] for menu in (self.private, self.chat) if name in menu]


def _option(argument: MenuArgument, others: Mapping[str, MenuArgument | None]) -> Json:
    known = {language: each for language, each in others.items() if each is not None}
    lines = {each: label(other.description, _LONGEST_LINE) for each, other in known.items()}
    option: Json = {
        "type": AppCommandOptionType.string.value,
        "name": argument.name,
        "name_localizations": _localized({each: other.name for each, other in known.items()}),
        "description": label(argument.description, _LONGEST_LINE),
        "description_localizations": _localized(lines),
        "required": argument.required,
    }
    if _can_be_listed(argument.choices):
        option["choices"] = [{"name": each, "value": each} for each in argument.choices]
    return option


def _can_be_listed(choices: Sequence[str]) -> bool:
    """Else they have to be typed: Discord refuses all commands for one choice that is too long."""
    fine = all(0 < len(each) <= _LONGEST_LINE for each in choices)
    return fine and 0 < len(choices) <= _MOST_CHOICES


def _ask(wording: Wording) -> Json:
    line, *others = _in_all(wording, "discord.ask", _LONGEST_LINE)
    about, *more = _in_all(wording, "discord.ask_argument", _LONGEST_LINE)
    return {
        "type": AppCommandType.chat_input.value,
        "name": ASK,
        "description": line[1],
        "description_localizations": _localized(dict(others)),
        "options": [
            {
                "type": AppCommandOptionType.string.value,
                "name": ASK_ARGUMENT,
                "description": about[1],
                "description_localizations": _localized(dict(more)),
                "required": True,
            }
        ],
        "contexts": [_IN_SERVERS, _AMONG_PEOPLE],
        "integration_types": _EVERYWHERE,
    }


def _remember(wording: Wording) -> Json:
    """The command of a message's own menu."""
    name, *others = _in_all(wording, "discord.remember", _LONGEST_NAME)
    return {
        "type": AppCommandType.message.value,
        "name": name[1],
        "name_localizations": _localized(dict(others)),
        "contexts": [_IN_SERVERS, _WITH_THE_BOT, _AMONG_PEOPLE],
        "integration_types": _EVERYWHERE,
    }


def _in_all(wording: Wording, key: str, longest: int) -> list[tuple[str, str]]:
    """The text by language, the one first that stands in for all others."""
    return [(each, label(wording.text(key, {}, each), longest)) for each in wording.languages]


def _localized(texts: Mapping[str, str]) -> dict[str, str]:
    """By language, as it is for each of Discord's locales that speaks it."""
    return {
        locale.value: text
        for language, text in texts.items()
        for locale in discord.Locale
        if locale.value.partition("-")[0] == language
    }
