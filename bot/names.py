"""Text from outside, made fit to be stored and shown: what a name may look like, and which
characters no database and no prompt can carry.
"""

from __future__ import annotations

import unicodedata

MAX_NAME = 64
# Control, format (bidi marks among them), surrogate, private use, unassigned.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def display_name(text: str) -> str:
    """A name on one line, without control or direction marks, at most 64 characters."""
    shown = "".join(" " if unicodedata.category(each) in _UNSHOWN else each for each in text)
    return " ".join(shown.split())[:MAX_NAME].rstrip()


def usable_text(text: str) -> str:
    """The text without what can't be stored: NUL (PostgreSQL) and lone surrogates (UTF-8)."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
