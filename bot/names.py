"""What a name from outside may look like once it is shown."""

from __future__ import annotations

import unicodedata

MAX_NAME = 64
# Control, format (bidi marks among them), surrogate, private use, unassigned.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def display_name(text: str) -> str:
    """A name on one line, without control or direction marks, at most 64 characters."""
    shown = "".join(" " if unicodedata.category(each) in _UNSHOWN else each for each in text)
    return " ".join(shown.split())[:MAX_NAME].rstrip()
