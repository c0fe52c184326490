"""How deliveries prove where they come from: `Familiar-Signature: t=<seconds>,v1=<hex>`, where the
hex is the HMAC-SHA256 of `<seconds>.<body>` under the receiver's secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from agentcore.clock import SECOND, Micros
from agentcore.records import AgentId

SIGNATURE = "Familiar-Signature"
EVENT = "Familiar-Event"
DELIVERY = "Familiar-Delivery"


def signed(secret: str, body: bytes, at: Micros) -> Mapping[str, str]:
    """The header that a delivery made at this moment bears."""
    moment = str(at // SECOND)
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256)
    return {SIGNATURE: f"t={moment},v1={digest.hexdigest()}"}


def callback_secret(key: bytes, agent_id: AgentId) -> str:
    """What the callbacks of an agent's runs are signed with: the same as long as the service's key is."""
    digest = hmac.new(key, f"callback:{agent_id}".encode(), hashlib.sha256)
    return f"whsec_{digest.hexdigest()}"
