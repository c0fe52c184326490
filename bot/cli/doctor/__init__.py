"""`familiar doctor`: one finding per thing that must be right, each with its fix.

Reading order: `finding`, `examining` (what is looked at, in which order), and the looks themselves:
`configuration`, `telegram_bot`, `discord_bot`, `storage`, `service`, `api`.
"""

from bot.cli.doctor.examining import examine

__all__ = ["examine"]
