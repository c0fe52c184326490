"""What an application command must be like: names, descriptions, options and choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.simulators.discord_server.refusals import (
    JSON,
    bad_length,
    invalid_form,
    no_choice,
    required,
    too_long,
)

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP, STRING = 1, 2, 3
MOST_CHARACTERS = 8000
_SPECIFIC = {
    "default_member_permissions": None,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
    "name_localizations": None,
    "description_localizations": None,
    "dm_permission": True,
}
_LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)


def checked(asked: Any, path: str = "") -> JSON:
    """The command with all its fields.

    Raises:
        Refused: It isn't as commands must be.
    """
    if not isinstance(asked, dict):
        raise invalid_form(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    kind = asked.get("type") or CHAT_INPUT
    if kind not in {CHAT_INPUT, USER_MENU, MESSAGE_MENU}:
        raise no_choice(_at(path, "type"), "1, 2, 3")
    _check_name(asked, path, plain=kind != CHAT_INPUT)
    description = asked.get("description") or ""
    if kind == CHAT_INPUT:
        _check_description(asked, path)
        options = asked.get("options") or []
        _check_options(options, _at(path, "options"), depth=0)
    else:
        if description or asked.get("options"):
            said = "Context menu commands cannot have description"
            raise invalid_form(
                _at(path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", said
            )
        options = []
    command = {
        **{name: asked.get(name, default) for name, default in _SPECIFIC.items()},
        "name": asked["name"],
        "type": kind,
        "description": description,
        "options": options,
    }
    _check_permissions(command, path)
    if sum(len(text) for text in _texts(command)) > MOST_CHARACTERS:
        said = f"Command exceeds maximum size ({MOST_CHARACTERS})"
        raise invalid_form(path, "APPLICATION_COMMAND_TOO_LARGE", said)
    return command


def _check_permissions(command: JSON, path: str) -> None:
    held = command["default_member_permissions"]
    command["default_member_permissions"] = None if held is None else str(held)
    for name, allowed in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        told = command[name]
        if told is not None and (not told or not set(told) <= allowed):
            raise no_choice(_at(path, name), ", ".join(map(str, sorted(allowed))))
    if command["integration_types"] is None:
        command["integration_types"] = [0]
    for name in ("name_localizations", "description_localizations"):
        for locale in command[name] or {}:
            if locale not in _LOCALES:
                raise no_choice(_at(path, name), ", ".join(sorted(_LOCALES)))


def _check_name(asked: JSON, path: str, *, plain: bool = False) -> None:
    """A name of up to 32 letters; of commands that are typed, lower case without spaces."""
    names = {"name": asked.get("name")}
    names |= {
        f"name_localizations.{locale}": told
        for locale, told in (asked.get("name_localizations") or {}).items()
    }
    for field, name in names.items():
        where = _at(path, field)
        if not name:
            raise required(where)
        if not isinstance(name, str) or len(name) > 32:
            raise bad_length(where, 1, 32)
        fine = all(each.isalnum() or each in "-_'" or each.isidentifier() for each in name)
        if not plain and (not fine or name != name.lower()):
            said = "Command name is invalid"
            raise invalid_form(where, "APPLICATION_COMMAND_INVALID_NAME", said)


def _check_description(asked: JSON, path: str) -> None:
    texts = {"description": asked.get("description")}
    texts |= {
        f"description_localizations.{locale}": told
        for locale, told in (asked.get("description_localizations") or {}).items()
    }
    for field, text in texts.items():
        if not text:
            raise required(_at(path, field))
        if not isinstance(text, str) or len(text) > 100:
            raise bad_length(_at(path, field), 1, 100)


def _check_options(options: list[Any], path: str, *, depth: int) -> None:
    if len(options) > 25:
        raise too_long(path, 25)
    names = [each.get("name") for each in options]
    if len(set(names)) < len(names):
        said = "Option names must be unique"
        raise invalid_form(path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", said)
    optional = False
    for at, each in enumerate(options):
        where = f"{path}.{at}"
        _check_name(each, where)
        _check_description(each, where)
        kind = each.get("type")
        if kind not in range(1, 12):
            raise no_choice(f"{where}.type", ", ".join(map(str, range(1, 12))))
        if kind in {SUB_COMMAND, SUB_COMMAND_GROUP}:
            if depth > (0 if kind == SUB_COMMAND_GROUP else 1):
                said = "Sub-command option types can only be at the top two levels"
                raise invalid_form(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
            _check_options(each.get("options") or [], f"{where}.options", depth=depth + 1)
            continue
        if each.get("required") and optional:
            said = "Required options must be placed before non-required options"
            raise invalid_form(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", said)
        optional = optional or not each.get("required")
        _check_choices(each, where)


def _check_choices(option: JSON, path: str) -> None:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        said = "Choices cannot be used with autocomplete"
        raise invalid_form(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", said)
    check_choices(choices, f"{path}.choices")


def check_choices(choices: list[Any], path: str) -> None:
    """Check the choices of an option, or those that are proposed while somebody types.

    Raises:
        Refused: There are more than 25, or one is too long.
    """
    if len(choices) > 25:
        raise too_long(path, 25)
    for at, each in enumerate(choices):
        if not 1 <= len(str(each.get("name") or "")) <= 100:
            raise bad_length(f"{path}.{at}.name", 1, 100)
        if "value" not in each:
            raise required(f"{path}.{at}.value")
        if isinstance(each["value"], str) and len(each["value"]) > 100:
            raise too_long(f"{path}.{at}.value", 100)


def _texts(command: JSON) -> Iterator[str]:
    """All that counts towards a command's size."""
    yield str(command.get("name", ""))
    yield str(command.get("description", ""))
    for option in command.get("options") or []:
        yield from _texts(option)
    for choice in command.get("choices") or []:
        yield str(choice["name"])
        yield str(choice["value"])


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
