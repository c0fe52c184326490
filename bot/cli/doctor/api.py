"""Who may use the REST API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio

from bot.cli import running as commands
from bot.cli.doctor.finding import Finding
from bot.door.errors import DoorClosed, DoorRefused
from config.settings import Settings

SHORTEST = 16
"""Characters of an operator's token that isn't guessed."""

_ALL = 10_000


def api(chosen: Settings, database: Path) -> Iterator[Finding]:
    """To whom it is open, and how many tokens are good for it."""
    made = _tokens(chosen, database)
    if made is None:
        return
    if chosen.api_open:
        text = f"open to every program on this machine, without a token{_besides(made)}"
        fix = "To need one here too: set FAMILIAR_API_TOKEN."
        yield Finding("api", good=True, text=text, fix=fix)
        return
    where = "this machine" if chosen.loopback else f"whoever can reach {chosen.host}"
    if chosen.public_url:
        where = f"{where}, or {chosen.public_url}"
    operator = chosen.api_token is not None
    keys = [
        *(["FAMILIAR_API_TOKEN"] if operator else []),
        *([f"one of {_count(made)}"] if made else []),
    ]
    if not keys:
        text = "closed: nobody has a token"
        yield Finding("api", good=True, text=text, fix="To make one: familiar token create")
        return
    yield Finding("api", good=True, text=f"open to {where}, with {' or '.join(keys)}")
    if chosen.api_token and len(chosen.api_token.get_secret_value()) < SHORTEST:
        text = f"FAMILIAR_API_TOKEN has fewer than {SHORTEST} characters: it could be guessed"
        fix = "Make a long one, for example: openssl rand -base64 32"
        yield Finding("api", good=chosen.loopback, text=text, fix=fix)


def _besides(made: int) -> str:
    return f"; beside that, with one of {_count(made)}" if made else ""


def _count(made: int) -> str:
    return "1 token" if made == 1 else f"{made:,} tokens"


def _tokens(chosen: Settings, database: Path) -> int | None:
    """How many are good; None where the database can't be asked, which others tell of."""
    from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state  # noqa: PLC0415

    match sqlite_state(database):
        case SchemaState.EMPTY:
            return 0
        case SchemaState.CURRENT:
            pass
        case _:
            return None
    try:
        found = anyio.run(commands.command, chosen, "token.list", {"limit": _ALL})
    except (DoorClosed, DoorRefused):
        return None
    return sum(not token["revoked_at"] for token in found)
