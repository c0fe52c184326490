"""`familiar import letta`: moving in from a Letta server."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from bot.cli import running
from bot.cli.options import Json

importing = typer.Typer(help="Moving in from elsewhere.", no_args_is_help=True)


@importing.callback()
def _group() -> None:
    """Moving in from elsewhere."""


@importing.command(
    "letta", epilog="Example: familiar import letta --url http://localhost:8284 --dry-run"
)
def import_letta(
    *,
    url: Annotated[str | None, typer.Option(help="Where the Letta server is.")] = None,
    token: Annotated[
        str | None, typer.Option(help="Its password or key.", envvar="LETTA_API_KEY")
    ] = None,
    agents: Annotated[
        str | None, typer.Option(help="Which agents, by ids or names, with commas. Else all.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would come, and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy agents from a Letta server: memory, history, archive, identities, and tools switched off.

    They keep their ids. Run it again at any time: it goes on where it stopped, and copies what is
    new since. Nothing is changed on the other server.
    """
    chosen = running.settings()
    if url is None:
        running.fail("Say where the Letta server is: --url http://localhost:8284")
    wanted = [each.strip() for each in (agents or "").split(",") if each.strip()]

    async def work() -> int:
        from agentcore.clock import SystemClock  # noqa: PLC0415 (the engine)
        from bot.moving_in.moving import Moving  # noqa: PLC0415
        from bot.moving_in.source import LettaSource  # noqa: PLC0415

        async with LettaSource(url, token) as source, running.session(chosen) as ask:
            moving = Moving(source, ask, _progress, SystemClock())
            report = (await moving.run(wanted, dry=dry_run)).as_data()
        if as_json:
            running.print_json(report)
        else:
            _say(report, dry=dry_run)
        return 0

    running.run(work)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(report: dict[str, Any], *, dry: bool) -> None:
    what = "would come" if dry else "are here"
    running.say(f"{len(report['agents'])} agents {what}.")
    for sentence in report["left_out"]:
        running.say(f"Left out: {sentence}")
    for tool in report["tools_to_switch_on"]:
        running.say(f"Switched off until you have read it: the tool {tool}")
    if not dry:
        running.say("Run this again to copy what is said there meanwhile.")
