"""`familiar users`: the people of this service."""

from __future__ import annotations

import typer

from bot.cli import running

users = typer.Typer(help="The people of this service.", no_args_is_help=True)


@users.command("invite", epilog="Example: familiar users invite")
def users_invite() -> None:
    """Print a link by which one person can come in over the web page, within seven days."""
    chosen = running.settings()

    async def work() -> int:
        from bot.app import prepare_folder, sqlite_path  # noqa: PLC0415 (imports the engine)
        from bot.web_chat import invitation  # noqa: PLC0415

        prepare_folder(sqlite_path(chosen))
        running.say(invitation(chosen))
        return 0

    running.run(work)
