"""What is looked at, in which order: later looks need what earlier ones found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

from agentcore.errors import BadInput, FamiliarError
from bot.cli.doctor import configuration, service, storage
from bot.cli.doctor.api import api
from bot.cli.doctor.code_tools import code_tools
from bot.cli.doctor.discord_bot import discord
from bot.cli.doctor.finding import Finding
from bot.cli.doctor.telegram_bot import telegram
from bot.cli.running import DOTENV, sentence_of
from bot.host.places import sqlite_path
from config.settings import SettingsError, load_settings


def examine(*, try_models: bool) -> list[Finding]:
    """Look at everything that can be looked at. `try_models`: send them a few short requests,
    which cost a small part of a cent.
    """
    try:
        chosen = load_settings(os.environ, DOTENV)  # noqa: TID251 (the program's own edge)
    except SettingsError as error:
        return [
            Finding("settings", good=False, text=problem, fix="README.md lists every setting.")
            for problem in error.problems
        ]
    findings = [Finding("settings", good=True, text="all known, all valid")]
    for name, look in (
        ("settings", configuration.unused),
        ("model", partial(configuration.models, try_them=try_models)),
        ("embedding", partial(configuration.embedding, try_it=try_models)),
        ("budget", configuration.budget),
        ("template", configuration.template),
        ("code tools", code_tools),
        ("telegram", telegram),
        ("discord", discord),
    ):
        findings += _guarded(name, partial(look, chosen))
    try:
        path = sqlite_path(chosen)
    except BadInput as error:
        return [*findings, Finding("database", good=False, text=str(error))]
    for name, check in (
        ("secrets", storage.secrets),
        ("folder", storage.folder),
        ("database", storage.database),
        ("backup", storage.backup),
        ("disk", storage.disk),
        ("clock", storage.clock),
        ("service", service.running),
        ("work", partial(service.work, chosen)),
        ("api", partial(api, chosen)),
    ):
        findings += _guarded(name, partial(check, path))
    return findings


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except (FamiliarError, OSError) as error:
        return [Finding(name, good=False, text=sentence_of(error))]
