"""Finds the adapters that the settings name, and sets them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from adapters.base import ENTRY_POINT_GROUP, Adapter, AdapterContext
from adapters.terminal import TerminalAdapter
from agentcore.errors import BadInput, stack_of
from config.settings import Settings

if TYPE_CHECKING:
    from adapters.discord.settings import DiscordSettings
    from adapters.telegram.settings import TelegramSettings


def installed_adapters(settings: Settings, context: AdapterContext) -> Sequence[Adapter]:
    """The terminal, Telegram and Discord where there is a token, and those that `FAMILIAR_ADAPTERS` names.

    Raises:
        BadInput: one of them isn't there, or can't be set up.
    """
    adapters: list[Adapter] = [
        TerminalAdapter(),
        *_telegram(settings, context),
        *_discord(settings, context),
        *(_third_party(spec, settings, context) for spec in settings.adapters),
    ]
    names = [adapter.name for adapter in adapters]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        msg = f"Two adapters can't both be {', '.join(twice)}: take one out of FAMILIAR_ADAPTERS."
        raise BadInput(msg)
    return adapters


def _telegram(settings: Settings, context: AdapterContext) -> Iterator[Adapter]:
    if settings.telegram_bot_token is None:
        return
    # Loaded only where it is used: the library takes a fifth of a second and 20 MB.
    from adapters.telegram.adapter import TelegramAdapter  # noqa: PLC0415

    yield TelegramAdapter(context, telegram_settings(settings))


def telegram_settings(settings: Settings) -> TelegramSettings:
    """What is set for Telegram, where a token is.

    Raises:
        BadInput: it won't do.
    """
    from adapters.telegram.settings import TelegramSettings  # noqa: PLC0415 (the library)

    token, secret = settings.telegram_bot_token, settings.telegram_webhook_secret
    try:
        return TelegramSettings(
            "" if token is None else token.get_secret_value(),
            settings.telegram_api_base_url,
            settings.telegram_file_base_url,
            settings.telegram_mode,
            settings.telegram_webhook_url,
            None if secret is None else secret.get_secret_value(),
            settings.telegram_previews,
        )
    except ValueError as error:
        raise BadInput(f"{error}.") from error


def _discord(settings: Settings, context: AdapterContext) -> Iterator[Adapter]:
    if settings.discord_bot_token is None:
        return
    from adapters.discord.adapter import DiscordAdapter  # noqa: PLC0415 (as for Telegram)

    yield DiscordAdapter(context, discord_settings(settings))


def discord_settings(settings: Settings) -> DiscordSettings:
    """What is set for Discord, where a token is.

    Raises:
        BadInput: it won't do.
    """
    from adapters.discord.settings import DiscordSettings  # noqa: PLC0415 (as for Telegram)

    token = settings.discord_bot_token
    try:
        return DiscordSettings(
            "" if token is None else token.get_secret_value(),
            settings.discord_api_base_url,
            settings.discord_gateway_url,
            settings.discord_message_content,
            settings.discord_sharded,
            settings.discord_previews,
        )
    except ValueError as error:
        raise BadInput(f"{error}.") from error


def _third_party(spec: str, settings: Settings, context: AdapterContext) -> Adapter:
    given = settings.adapter_settings.get(spec, {})
    own = {name: value.get_secret_value() for name, value in given.items()}
    factory = _factory(spec)
    try:
        adapter: Adapter = factory(replace(context, settings=own))
    except KeyError as error:
        msg = f"The adapter {spec} can't be set up: it wants the setting {error}."
        raise BadInput(msg) from error
    except ValueError as error:  # what it says of its own settings
        msg = f"The adapter {spec} can't be set up: {error}."
        raise BadInput(msg) from error
    except Exception as error:
        msg = f"The adapter {spec} can't be set up: {stack_of(error)}."
        raise BadInput(msg) from error
    return adapter


def _factory(spec: str) -> Any:
    """What makes the adapter: `module:attribute`, or an entry point's name."""
    if ":" not in spec:
        points = metadata.entry_points(group=ENTRY_POINT_GROUP, name=spec)
        for point in points:
            return _loaded(spec, point.load)
        known = ", ".join(
            sorted(each.name for each in metadata.entry_points(group=ENTRY_POINT_GROUP))
        )
        msg = f"There is no adapter {spec!r} (FAMILIAR_ADAPTERS). Installed are: {known or 'none'}."
        raise BadInput(msg)
    module, _, attribute = spec.partition(":")
    return _loaded(spec, lambda: getattr(import_module(module), attribute))


def _loaded(spec: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except (ImportError, AttributeError) as error:
        msg = f"The adapter {spec!r} (FAMILIAR_ADAPTERS) can't be loaded: {error}."
        raise BadInput(msg) from error
    except Exception as error:
        msg = f"The adapter {spec!r} (FAMILIAR_ADAPTERS) can't be loaded: {stack_of(error)}."
        raise BadInput(msg) from error
