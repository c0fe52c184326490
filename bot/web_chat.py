"""The web chat over the parts of a service, and who may reach it."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from adapters.web.adapter import WebAdapter
from adapters.web.visitors import Visitors
from bot.app import Parts
from bot.chat.surroundings import OwnSurroundings
from bot.host.places import sqlite_path
from bot.host.secret_key import secret_key
from config.settings import Settings


def web_chat(parts: Parts) -> WebAdapter:
    """The adapter of the page at `/`.

    Raises:
        BadInput: there is no key for its cookies, and none can be made.
    """
    settings = parts.settings
    around = OwnSurroundings(
        parts.store, parts.hints, settings, parts.offers.templates, parts.exports
    )
    visitors = Visitors(
        secret_key(key_folder(settings)),
        "open" if settings.web_for_everybody else "invited",
        parts.store,
        time.monotonic,
    )
    return WebAdapter(parts.gateway, around, visitors)


def key_folder(settings: Settings) -> Path:
    """Where the key lies: beside the database."""
    return sqlite_path(settings).parent


def own_hosts(settings: Settings) -> frozenset[str]:
    """The names, besides this machine's own, that requests may be addressed to."""
    hosts = {settings.host}
    webhook = settings.telegram_webhook_url if settings.telegram_mode == "webhook" else None
    for url in filter(None, (settings.public_url, webhook)):
        hosts.add(urlsplit(url).hostname or "")
    return frozenset(f"[{host}]" if ":" in host else host for host in hosts if host)
