"""Buttons below a message, as wide as they can be read."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.delivery import Button
from adapters.push.labels import label

MOST_IN_A_ROW = 3
ROW = 36
"""Characters that a phone shows in one row of buttons."""


def keyboard_of(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons in rows, in their order; None without any."""
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        shown = label(button.label, ROW)
        if rows and _fits([*(each.text for each in rows[-1]), shown]):
            rows[-1].append(InlineKeyboardButton(shown, callback_data=button.token))
        else:
            rows.append([InlineKeyboardButton(shown, callback_data=button.token)])
    return InlineKeyboardMarkup(rows) if rows else None


def _fits(labels: Sequence[str]) -> bool:
    """All of a row's buttons are as wide as the widest."""
    return len(labels) <= MOST_IN_A_ROW and max(map(len, labels)) * len(labels) <= ROW
