"""The `Model` seam over plain HTTP, for endpoints that speak OpenAI's chat completions: the
engine's one door to httpx and httpcore. No library stands between, so it starts at once and costs little.

Reading order: `endpoints` (which models it can serve, and where), `model` (a call), `reading` (a
body as our records, trusting nothing), `events` (a stream's events), `usage` (counts and prices),
`failures` (what went wrong, as our errors), `connections` (kept open between calls), `network`
(how they are made).

Compose with `DirectModel(ProviderConfig(...), endpoint)`; await `close_connections()` at the end,
and `warm_up()` before the first call, if it matters how long that takes.
"""

from agentcore.direct_model.connections import close_connections, warm_up
from agentcore.direct_model.endpoints import Endpoint, endpoint_of
from agentcore.direct_model.model import DirectModel

__all__ = ["DirectModel", "Endpoint", "close_connections", "endpoint_of", "warm_up"]
