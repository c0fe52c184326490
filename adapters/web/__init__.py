"""The web chat: a page at `/`, and what it talks to.

Reading order: `routes` (what there is), `visitors` (who is who), `events` (the feed as server-sent
events), `markdown` (replies made safe), `guard` (who may ask, and what a browser may do with the
answer), `page` (the files in `page/`), `adapter` (the adapter over all of it).
"""

from __future__ import annotations

from adapters.web.adapter import WebAdapter
from adapters.web.guard import Guard
from adapters.web.visitors import Door, Visitors

__all__ = ["Door", "Guard", "Visitors", "WebAdapter"]
