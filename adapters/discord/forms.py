"""Forms as Discord's modals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from adapters.delivery import Form
from adapters.push.labels import label

MOST_TEXT = 4_000
_LONGEST_TITLE = 45
_FIELD = "text"


def modal_of(form: Form, custom_id: str) -> ui.Modal:
    """The form, to be shown. The library isn't to wait for it to be sent in: what comes back means
    the same after a restart.
    """
    modal = ui.Modal(title=label(form.title, _LONGEST_TITLE), custom_id=custom_id, timeout=None)
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=_FIELD,
        style=discord.TextStyle.paragraph,
        default=form.value or None,
        required=False,
        max_length=min(form.limit, MOST_TEXT),
    )
    modal.add_item(ui.Label(text=label(form.label, _LONGEST_TITLE), component=field))
    modal.stop()
    return modal


def fits(form: Form) -> bool:
    """Whether all that is to stand in the form has room there."""
    return len(form.value) <= min(form.limit, MOST_TEXT)


def filled_in(data: Mapping[str, Any]) -> str:
    """What was written into a form that was sent in."""
    for row in data.get("components") or ():
        inner = row.get("component") or (row.get("components") or [{}])[0]
        if inner.get("custom_id") == _FIELD:
            return str(inner.get("value") or "")
    return ""
