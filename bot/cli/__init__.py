"""The command line. Each module holds the commands of one group; `running` does what they share."""

from bot.cli.commands import app

__all__ = ["app"]
