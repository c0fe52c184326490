"""Asking a platform about the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from bot.cli.doctor.finding import Finding

_Report = TypeVar("_Report")


def report_of(
    subject: str, ask: Callable[[], Awaitable[_Report]], *, where: str
) -> _Report | Finding:
    """What the platform tells, or why it doesn't. `where`: the setting that says where it is."""
    from adapters.base import NotReached, PlatformRefuses  # noqa: PLC0415

    try:
        return anyio.run(ask)
    except PlatformRefuses as error:
        return Finding(subject, good=False, text=f"{error}.")
    except NotReached as error:
        fix = f"Is this machine online? {where} says where it asks."
        return Finding(subject, good=False, text=str(error), fix=fix)
