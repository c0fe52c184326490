"""The one door through which anything is fetched from an address that somebody else has named.

Reading order: `seam` (what may be asked, and what goes wrong), `addresses` (which addresses are
everybody's), `door` (the real one), `testing` (its fake).
"""

from __future__ import annotations

from bot.egress.door import HttpEgress
from bot.egress.seam import Egress, EgressFailed, EgressRefused, EgressRequest

__all__ = ["Egress", "EgressFailed", "EgressRefused", "EgressRequest", "HttpEgress"]
