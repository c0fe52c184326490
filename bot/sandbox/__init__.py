"""Running source that nobody trusts. Reading order: `runner` (one call), `enclosure` (the ways to
shut it in, and what Python needs there), then the two programs that run beyond: `enclosing` builds
the walls where bubblewrap isn't there, `inside` runs the source within them.
"""

from __future__ import annotations

from bot.sandbox.enclosure import Enclosure, enclosures
from bot.sandbox.runner import IsolatedRunner, Limits

__all__ = ["Enclosure", "IsolatedRunner", "Limits", "enclosures"]
