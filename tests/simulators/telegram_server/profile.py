"""Methods about the bot itself: who it is, its commands by scope and language, its texts."""

from __future__ import annotations

import re
from typing import Any

from tests.simulators.telegram_server.commands import scope_key
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.refusals import JSON, bad_request
from tests.simulators.telegram_server.world import World

MOST_COMMANDS = 100
_PLAIN_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
}


def get_me(world: World, _: Parameters) -> JSON:
    bot = world.bot
    return bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": not bot.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": True,
        "has_main_web_app": False,
        "has_topics_enabled": bot.topics,
        "allows_users_to_create_topics": bot.topics,
        "can_manage_bots": False,
        "supports_guest_queries": bot.guest,
    }


def _place(world: World, asked: Parameters) -> tuple[str, str]:
    scope: Any = asked.json("scope", "BotCommandScope")
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("BotCommandScope must be an Object")
    match scope.get("type"):
        case str(kind) if kind in _PLAIN_SCOPES:
            scope = {"type": kind}
        case "chat" | "chat_administrators":
            world.chat_named(str(scope.get("chat_id", "")))
        case "chat_member":
            chat = world.chat_named(str(scope.get("chat_id", "")))
            if scope.get("user_id") not in chat.members:
                raise bad_request("user not found")
        case _:
            raise bad_request("unsupported type specified")
    return scope_key(scope), _language(asked)


def _language(asked: Parameters) -> str:
    language = asked.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return language


def set_my_commands(world: World, asked: Parameters) -> bool:
    place = _place(world, asked)
    commands = asked.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("there can be at most 100 bot commands")
    world.profile.commands[place] = [_command(each) for each in commands]
    world.bell.ring()
    return True


def _command(told: Any) -> JSON:
    if not isinstance(told, dict):
        raise bad_request("expected an Object")
    name = str(told.get("command", "")).strip().removeprefix("/")
    description = str(told.get("description", "")).strip()
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def get_my_commands(world: World, asked: Parameters) -> list[JSON]:
    return world.profile.commands.get(_place(world, asked), [])


def delete_my_commands(world: World, asked: Parameters) -> bool:
    world.profile.commands.pop(_place(world, asked), None)
    return True


def set_my_description(world: World, asked: Parameters) -> bool:
    if len(asked.text("description")) > 512:
        raise bad_request("description is too long")
    world.profile.descriptions[_language(asked)] = asked.text("description")
    world.bell.ring()
    return True


def set_my_short_description(world: World, asked: Parameters) -> bool:
    if len(asked.text("short_description")) > 120:
        raise bad_request("short description is too long")
    world.profile.short_descriptions[_language(asked)] = asked.text("short_description")
    world.bell.ring()
    return True


def set_chat_menu_button(world: World, asked: Parameters) -> bool:
    button = asked.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: unsupported type specified")
    chat = world.chat_named(asked.text("chat_id")) if asked.text("chat_id") else None
    if chat is not None and chat.kind != "private":
        raise bad_request("menu button can be set only in private chats")
    world.profile.menu_buttons[chat.id if chat else 0] = button
    return True


METHODS = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": set_my_description,
    "setMyShortDescription": set_my_short_description,
    "setChatMenuButton": set_chat_menu_button,
}
