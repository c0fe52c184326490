"""What goes out of the service to addresses that somebody has named, and all that it takes."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from agentcore.clock import Clock
from agentcore.records import AgentId
from agentcore.store import Store
from bot.egress import Egress
from bot.host.places import sqlite_path
from bot.host.secret_key import secret_key
from bot.waking.hints import Hints
from bot.webhooks.deliveries import Deliverer, Deliveries
from bot.webhooks.newsroom import HintedNewsroom
from bot.webhooks.signing import callback_secret
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class OutsideParts:
    """The door, who waits for news, and who delivers them."""

    egress: Egress
    newsroom: HintedNewsroom
    deliveries: Deliveries


def outside_parts(
    settings: Settings, store: Store, hints: Hints, clock: Clock, egress: Egress, first_pause: float
) -> OutsideParts:
    """`first_pause`: seconds after which a delivery is tried again."""

    @functools.cache
    def key() -> bytes:
        return secret_key(sqlite_path(settings).parent)

    def secret(agent_id: AgentId) -> str:
        return callback_secret(key(), agent_id)

    deliverer = Deliverer(egress, secret, first_pause)
    return OutsideParts(
        egress, HintedNewsroom(hints, secret), Deliveries(store, deliverer, hints, clock)
    )
