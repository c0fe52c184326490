"""Buttons below a message, and lists to pick from. Nothing of them is kept here: they mean the same
after a restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import structlog

from adapters.delivery import Button
from adapters.discord.custom_ids import custom_id
from adapters.push.labels import label

_log = structlog.get_logger(__name__)

MOST_ROWS = 5
MOST_IN_A_ROW = 5
MOST_OPTIONS = 25
LONGEST_LABEL = 80
LONGEST_OPTION = 100
LONGEST_PROMPT = 150

_ROW, _BUTTON, _SELECT = 1, 2, 3
_GREY = 2
_LISTED = ("choice", "form")
"""The kinds of which several make a list."""

Component = dict[str, Any]


def components_of(buttons: Sequence[Button], chat: str) -> list[Component]:
    """The buttons in rows, in their order, below a message of this chat. Several of one kind that
    can be picked from are a list, which stands where the first of them would.
    """
    rows: list[Component] = []
    listed = {
        kind: found
        for kind in _LISTED
        if len(found := [each for each in buttons if each.kind == kind]) > 1
    }
    waiting: list[Button] = []
    for button in buttons:
        if button.kind not in listed:
            waiting.append(button)
        elif button is listed[button.kind][0]:
            rows += _rows(waiting, chat)
            waiting = []
            rows += _lists(button.kind, listed[button.kind], chat)
    rows += _rows(waiting, chat)
    if len(rows) > MOST_ROWS:
        _log.warning("too many buttons for one message", buttons=len(buttons))
    return rows[:MOST_ROWS]


def _rows(buttons: Sequence[Button], chat: str) -> Iterator[Component]:
    for at in range(0, len(buttons), MOST_IN_A_ROW):
        row = [
            {
                "type": _BUTTON,
                "style": _GREY,
                "label": label(each.label, LONGEST_LABEL),
                "custom_id": _id_of(each, chat),
            }
            for each in buttons[at : at + MOST_IN_A_ROW]
        ]
        yield {"type": _ROW, "components": row}


def _lists(kind: str, buttons: Sequence[Button], chat: str) -> Iterator[Component]:
    prompt = next((each.prompt for each in buttons if each.prompt), "")
    for at in range(0, len(buttons), MOST_OPTIONS):
        options = [
            {"label": label(each.label, LONGEST_OPTION), "value": _id_of(each, chat)}
            for each in buttons[at : at + MOST_OPTIONS]
        ]
        select = {
            "type": _SELECT,
            "custom_id": custom_id("select", f"{kind}{at}", chat),
            "options": options,
            **({"placeholder": label(prompt, LONGEST_PROMPT)} if prompt else {}),
        }
        yield {"type": _ROW, "components": [select]}


def _id_of(button: Button, chat: str) -> str:
    return custom_id("form" if button.kind == "form" else "action", button.token, chat)
