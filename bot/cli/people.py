"""`familiar users`: the people of this service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from agentcore.errors import BadInput
from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json
from bot.host.places import TERMINAL_HISTORY
from bot.people.invitations import (
    NAME_OF_THE_BOT,
    discord_way,
    page_link,
    telegram_bot,
    telegram_link,
)

users = typer.Typer(help="The people of this service.", no_args_is_help=True)


@users.command("invite", epilog="Example: familiar users invite")
def users_invite(*, as_json: Json = False) -> None:
    """Print the ways by which one person can come in, once and within seven days: over the web
    page, with Telegram, or with Discord.
    """
    chosen = running.settings()
    bot = telegram_bot(chosen)
    made = ask_service("users.invite", {"adapter": bot})
    token, username = made["token"], made["username"]
    page = page_link(chosen, token)
    try:
        discord = discord_way(chosen, token)
    except BadInput as error:
        running.fail(str(error))
    telegram = None if bot is None else telegram_link(token, username)
    if as_json:
        written = None if discord is None else asdict(discord)
        running.print_json({"page": page, "telegram": telegram, "discord": written})
        return
    running.say(page)
    if telegram is not None:
        running.say(telegram)
    if telegram is not None and username is None:
        running.say(
            f"Put your Telegram bot's name in the place of {NAME_OF_THE_BOT}: I learn it when the "
            "service first reaches Telegram."
        )
    if discord is not None:
        running.say(f"On Discord, open {discord.bot} and write: {discord.message}")


@users.command("list", epilog="Example: familiar users list --waiting")
def users_list(
    *,
    waiting: Annotated[bool, typer.Option(help="Only who has a code to be let in by.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 100,
    as_json: Json = False,
) -> None:
    """List the people, newest first: who they are, and whether they may write."""
    found = ask_service("users.list", {"waiting": waiting, "limit": limit})
    if as_json:
        running.print_json(found)
        return
    for person in found:
        running.say(_line(person))


@users.command("show", epilog="Example: familiar users show user-2f0c…")
def users_show(
    user_id: Annotated[str, typer.Argument(help="An id from `familiar users list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one person: names, access, consent, since when. Never what they said."""
    _show(ask_service("users.show", {"user_id": user_id}), as_json=as_json)


@users.command("allow", epilog="Example: familiar users allow K7PQ2M9A")
def users_allow(
    who: Annotated[str, typer.Argument(help="The code that the person was given, or their id.")],
    *,
    as_json: Json = False,
) -> None:
    """Let somebody in, who is told so."""
    _show(ask_service("users.access", {"who": who, "allow": True}), as_json=as_json)


@users.command("block", epilog="Example: familiar users block user-2f0c…")
def users_block(
    who: Annotated[str, typer.Argument(help="An id from `familiar users list`, or a code.")],
    *,
    as_json: Json = False,
) -> None:
    """Keep somebody out: what they write is neither kept nor answered. `allow` takes it back."""
    _show(ask_service("users.access", {"who": who, "allow": False}), as_json=as_json)


@users.command("link", epilog="Example: familiar users link user-2f0c… user-91ab…")
def users_link(
    first: Annotated[str, typer.Argument(help="An id from `familiar users list`.")],
    second: Annotated[str, typer.Argument(help="The id of the same person elsewhere.")],
    *,
    as_json: Json = False,
) -> None:
    """Make two users one: the older one's agent stays and takes over what the other knows. Both are
    told. For thirty days the person can take it back with /unlink.
    """
    done = ask_service("users.link", {"first": first, "second": second})
    if as_json:
        running.print_json(done)
        return
    platforms = ", ".join(done["platforms"])
    running.say(f"{done['user_id']} writes from {platforms} now, and is answered by one agent.")
    running.say(f"Until {done['undo_until']}, /unlink in a chat with it takes that back.")


@users.command("forget", epilog="Example: familiar users forget user-2f0c… --yes")
def users_forget(
    user_id: Annotated[str, typer.Argument(help="An id from `familiar users list`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether you are sure.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person: who they are, what they said, what is remembered of them. For good."""
    person = ask_service("users.show", {"user_id": user_id})
    if not yes and not typer.confirm(f"{_line(person)}\nErase all of it for good?", err=True):
        running.fail("nothing was erased.")
    receipt = ask_service("users.forget", {"user_id": user_id})
    if "terminal" in receipt["platforms"]:
        _forget_typed_lines()
    if as_json:
        running.print_json(receipt)
        return
    for line in _receipt_lines(receipt):
        running.say(line)


def _forget_typed_lines() -> None:
    """What was typed into `familiar chat` on this machine, by whom ever."""
    (running.settings().data_dir / TERMINAL_HISTORY).unlink(missing_ok=True)


def _receipt_lines(receipt: Mapping[str, Any]) -> Iterator[str]:
    yield "Erased. Rows deleted:"
    for table, rows in sorted(receipt["deleted"].items()):
        yield f"  {table}  {rows}"
    if receipt["redacted"]:
        yield "Rows of others that lost the person's words:"
        for table, rows in sorted(receipt["redacted"].items()):
            yield f"  {table}  {rows}"
    files = receipt["files"]
    if files["needs_vacuum"]:
        yield "Run VACUUM on the database server: until then the freed space keeps the bytes."
    elif files["clean"]:
        yield f"The database's files are clean; pages written over: {files['overwritten']}."
    else:
        yield "Remains are left in unused space of the database's file, or in its log."
    if files["found"]:
        yield (
            f"Of {files['looked_for']} longer passages of theirs, {files['found']} also stand in "
            "what others keep."
        )
    if files["copies"]:
        yield f"Copies from before an upgrade hold it still, beside the database: {files['copies']}"
    yield "Not in my reach: model providers, chat platforms, backups made before."


def _show(person: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        running.print_json(person)
    else:
        running.say(_line(person))
        for number, agent_id in enumerate(reversed(person["agents"])):
            running.say(f"  {agent_id}{'  answers them' if number == 0 else ''}")


def _line(person: Mapping[str, Any]) -> str:
    code = f"  code {person['code']}" if person["code"] else ""
    seen = person["last_seen"] or "never"
    names = ", ".join(person["names"])
    access = f"{person['access']}, {person['consent']}"
    return f"{person['id']}  {names}  {access}  since {person['since']}, seen {seen}{code}"
