"""Telegram: everything that knows the Bot API and the library for it.

Reading order of what goes out: `sending` (the way of a chunk).
"""

from __future__ import annotations

import os

# The library tells how long to wait as a timedelta only if asked so, and warns of the other form.
os.environ.setdefault("PTB_TIMEDELTA", "true")
