"""Telegram: everything that knows the Bot API and the library for it.

Reading order: `settings`, `connection` (how the Bot API is spoken to), `adapter` (what starts with
what). Of what comes in: `polling` or `webhook` (where updates come from), `intake` (in which order
they are taken in), `updates` (what each means). Of what goes out: `rendering` and `pieces`
(what an answer becomes), `sending` (the way of a chunk), `line` and `letters` (one call, and what to
ask for instead), `failures`, `pacing`, `previews`.
`menus`: what is shown before anybody writes.
"""

from __future__ import annotations

import os

# The library tells how long to wait as a timedelta only if asked so, and warns of the other form.
os.environ.setdefault("PTB_TIMEDELTA", "true")
