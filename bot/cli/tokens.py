"""`familiar token`: who may use the API, beside whoever has FAMILIAR_API_TOKEN."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json

tokens = typer.Typer(help="Tokens for the REST API.", no_args_is_help=True)


@tokens.command(
    "create", epilog="Example: familiar token create --agent agent-2f0c… --name website"
)
def token_create(
    *,
    agent: Annotated[
        str | None,
        typer.Option(help="The one agent that it is for. Without: an administrator's token."),
    ] = None,
    name: Annotated[str, typer.Option(help="What you will know it by.")] = "command line",
    as_json: Json = False,
) -> None:
    """Make a token and print it. It is shown only now: what is kept can't be turned back into it.

    Programs send it as `Authorization: Bearer …`; letta-client takes it as `api_key`.
    """
    made = ask_service("token.create", {"agent_id": agent, "name": name})
    if as_json:
        running.print_json(made)
        return
    running.say(made["token"])
    whose = "an administrator" if agent is None else agent
    _remark(
        f"For {whose}. Keep it: it isn't shown again. To end it: familiar token revoke {made['id']}"
    )
    if running.settings().api_open:
        _remark(
            "While FAMILIAR_API_TOKEN isn't set, programs on this machine need no token to do "
            "everything."
        )


@tokens.command("list", epilog="Example: familiar token list --json")
def token_list(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 100,
    as_json: Json = False,
) -> None:
    """List the tokens, newest first: whose, since when, and when they were last used."""
    found = ask_service("token.list", {"limit": limit})
    if as_json:
        running.print_json(found)
        return
    for token in found:
        running.say(_line(token))


@tokens.command("revoke", epilog="Example: familiar token revoke token-2f0c…")
def token_revoke(
    token: Annotated[str, typer.Argument(help="An id from `familiar token list`.")],
    *,
    as_json: Json = False,
) -> None:
    """End a token: whoever shows it is refused from now on."""
    ended = ask_service("token.revoke", {"id": token})
    if as_json:
        running.print_json(ended)
    else:
        running.say(_line(ended))


def _line(token: Mapping[str, Any]) -> str:
    whose = token["agent_id"] or "administrator"
    used = token["last_used_at"] or "never"
    end = f"  revoked {token['revoked_at']}" if token["revoked_at"] else ""
    return f"{token['id']}  {token['name']}  {whose}  since {token['created_at']}, used {used}{end}"


def _remark(line: str) -> None:
    """For whoever reads along: the token alone goes to where a script would take it from."""
    sys.stderr.write(f"{line}\n")
