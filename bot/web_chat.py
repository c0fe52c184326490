"""The web chat over the parts of a service, and who may reach it."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from adapters.web import Visitors, WebAdapter, new_invite
from bot.adapter_state import StoredState
from bot.app import Parts
from bot.places import sqlite_path
from bot.secret_key import secret_key
from bot.surroundings import OwnSurroundings
from config.settings import Settings


def web_chat(parts: Parts) -> WebAdapter:
    """The adapter of the page at `/`.

    Raises:
        BadInput: there is no key for its cookies, and none can be made.
    """
    settings = parts.settings
    around = OwnSurroundings(parts.store, parts.hints, settings, parts.offers.templates)
    visitors = Visitors(
        secret_key(key_folder(settings)),
        "open" if settings.web_for_everybody else "invited",
        StoredState(parts.store, "web"),
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


def invitation(settings: Settings) -> str:
    """The address of the page with an invitation in it, good for one visitor and seven days.

    Raises:
        BadInput: there is no key to sign it with, and none can be made.
    """
    base = settings.public_url or f"http://localhost:{settings.port}"
    return f"{base}/?invite={new_invite(secret_key(key_folder(settings)))}"
