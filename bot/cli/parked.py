"""`familiar parked`: messages that were set aside because answering them kept failing."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json

parked = typer.Typer(
    help="Messages set aside because answering kept failing.", no_args_is_help=True
)


@parked.command("list", epilog="Example: familiar parked list --json")
def parked_list(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, oldest first.")] = 100,
    as_json: Json = False,
) -> None:
    """List them with what went wrong; never with what they say."""
    found = ask_service("parked.list", {"limit": limit})
    if as_json:
        running.print_json(found)
        return
    for item in found:
        running.say(f"{item['id']}  {item['received_at']}  {item['error']}")


@parked.command("retry", epilog="Example: familiar parked retry agent-2f0c…/17")
def parked_retry(
    message: Annotated[str, typer.Argument(help="An id from `familiar parked list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Put one back into the queue; a running service takes it up within half a minute."""
    done = ask_service("parked.retry", {"id": message})
    if as_json:
        running.print_json(done)
    else:
        running.say("It is in the queue again.")
