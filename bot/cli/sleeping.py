"""`familiar agents sleep`: an agent's memory put in order now, or what that would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json

WENT_WELL = frozenset({"done", "nothing new"})

_OUTCOMES = {
    "nothing new": "Nothing new was said since the last time.",
    "busy": "The agent has work just now. Try again in a moment.",
    "off": "Its person has switched that off (/sleep off), or it is a program's.",
    "declined": "Its person isn't let in, or hasn't agreed to what is done with their words.",
    "interrupted": "A message came in between, which goes first. The next quiet time tries again.",
    "outdated": "The memory changed in between. Try again.",
    "over budget": "There isn't enough left of today's budget for what nobody waits for.",
    "failed": "It didn't work out: {error}",
}


def agents_sleep(
    who: Annotated[
        str,
        typer.Argument(help="An agent's id, or a name used with `familiar chat --user`."),
    ],
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would change, and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put an agent's memory in order now, as after a quiet time; one call of its model.

    The person can see that you looked, and take back what was changed.
    """
    found = ask_service("agents.sleep", {"who": who, "preview": preview})
    if as_json:
        running.print_json(found)
    else:
        for line in _lines(found):
            running.say(line)
    raise typer.Exit(0 if found["outcome"] in WENT_WELL else 1)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    if found["outcome"] != "done":
        yield _OUTCOMES[found["outcome"]].format(error=found["error"])
        return
    numbers = ", ".join(map(str, found["read"]))
    yield f"{found['id']}  {found['model']}  read {len(found['read'])} messages: {numbers}"
    if not found["changes"]:
        yield "All is in order: nothing to change."
    for change in found["changes"]:
        yield ""
        yield change["block"]
        yield from (f"  - {line}" for line in change["taken_out"])
        yield from (f"  + {line}" for line in change["put_in"])
        source = "" if change["message"] is None else f" (message {change['message']})"
        yield f"    {change['reason'] or 'no reason given'}{source}"
    yield ""
    if found["refused"]:
        yield f"Left out, since they would break a rule: {found['refused']}"
    yield _cost(found)
    if found["preview"]:
        yield "This is a preview: nothing was written."


def _cost(found: Mapping[str, Any]) -> str:
    tokens = f"{found['prompt_tokens']} + {found['completion_tokens']} tokens"
    if found["cost_usd"] is None:
        return f"{tokens}, at a price that isn't known"
    return f"{tokens}, ${found['cost_usd']:.6f}" if found["cost_usd"] else f"{tokens}, no cost"
